import type { TokenFacts } from './token-facts.js';
import { finding, ok, skipped, type Verdict } from './verdict.js';

/** What the client of the endpoint is, on an account that is billed by monthly active users. */
export type ClientType = 'device' | 'server';

/** @see https://ably.com/docs/platform/errors/codes/40167-untrusted-client-type-declaration */
const SIGNED = 'Ably counts a server by the claim x-ably-clientType of a JWT only';

/** @param type undefined: it is not known what the client is, nor how the account is billed */
export function clientType(
  type: ClientType | undefined,
  origin: string | undefined,
  facts: TokenFacts,
): Verdict {
  if (type === 'server') return ofServer(facts);
  if (facts.clientType !== 'server') {
    return ok(
      'client type',
      type === undefined
        ? 'not signed for a server'
        : 'a device, if the client declares it; undeclared clients get 40168',
    );
  }
  const to = origin === undefined ? 'a device' : `a page of ${origin}`;
  const isGivenAway = type === 'device' || origin !== undefined;
  return finding(
    'client type',
    isGivenAway ? 'problem' : 'warning',
    isGivenAway ? `the token is signed for a server, and goes to ${to}` : 'the token is signed for a server',
    'Sign x-ably-clientType: "server" for your own servers only: a user with this claim is not counted, and has no limit of connections.',
  );
}

function ofServer({ kind, clientType }: TokenFacts): Verdict {
  if (clientType === 'server') return ok('client type', 'a server, and the token is signed for it');
  const what =
    kind === 'JWT' ? 'the JWT has no claim x-ably-clientType: "server"' : `the answer is a ${kind}`;
  return finding(
    'client type',
    'problem',
    `${what}, so a server is refused`,
    kind === 'JWT'
      ? 'Sign the claim x-ably-clientType: "server" for your servers, and for no user.'
      : `Answer your servers with a JWT, with the claim x-ably-clientType: "server": ${SIGNED}.`,
    { code: 40167, statusCode: 401, message: 'Client type declaration not signed by token' },
  );
}

/**
 * Whether a device may connect to an account that is billed by monthly active users.
 * @param asked the clientId of the client; undefined: none
 */
export function deviceClientId(asked: string | undefined, facts: TokenFacts): Verdict {
  const { clientId, clientType, isOpaque } = facts;
  const own = clientId === '*' ? asked : clientId;
  if (clientType === 'server') return ok('device clientId', 'not needed by a server');
  if (own !== undefined) return ok('device clientId', own);
  if (isOpaque && clientId === undefined) return skipped('device clientId', 'the answer does not say it');
  return finding(
    'device clientId',
    'problem',
    clientId === '*' ? 'the client names no clientId, and the token is for any' : 'the token has no clientId',
    'Issue the token with the clientId of the user: devices without one are refused at connect.',
    {
      code: 40012,
      statusCode: 400,
      message: 'Invalid client ID; the code of this refusal is not documented',
    },
  );
}
