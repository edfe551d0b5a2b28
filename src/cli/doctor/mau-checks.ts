import type { TokenFacts } from './token-facts.js';
import { finding, ok, type Verdict } from './verdict.js';

/** What the client of the endpoint is, on an account that is billed by monthly active users. */
export type ClientType = 'device' | 'server';

const SIGNED = 'Ably counts a server by the claim x-ably-clientType of a JWT only';

/**
 * What such an account would refuse of this token.
 * @param asked the clientId of the client; undefined: none
 * @see https://ably.com/docs/platform/errors/codes/40167-untrusted-client-type-declaration
 */
export function mau(type: ClientType, asked: string | undefined, facts: TokenFacts): Verdict[] {
  return type === 'server' ? [ofServer(facts)] : [ofDevice(facts), identity(asked, facts)];
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

function ofDevice({ clientType }: TokenFacts): Verdict {
  if (clientType !== 'server')
    return ok('client type', 'a device, if the client declares it; undeclared clients get 40168');
  return finding(
    'client type',
    'problem',
    'the token is signed for a server, and goes to a device',
    'Sign x-ably-clientType: "server" for your own servers only: a user with this claim is not counted, and has no limit of connections.',
  );
}

function identity(asked: string | undefined, { clientId, clientType }: TokenFacts): Verdict {
  const own = clientId === '*' ? asked : clientId;
  if (clientType === 'server') return ok('device clientId', 'not needed by a server');
  if (own !== undefined) return ok('device clientId', own);
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
