import type { LogHandler } from '../log/log.js';
import { fieldOf } from '../redaction/received.js';
import type { ClientType } from '../token/client-type.js';
import { jwtClaims } from '../token/jwt.js';
import type { TokenDetails } from '../token/token-details.js';

/** The clients that were warned, by their logs. */
const warned = new WeakSet<LogHandler>();

/** The logs of the clients that checked a token: each request and each message to the connection shows it again. */
const checked = new WeakMap<TokenDetails, LogHandler>();

/**
 * Warns a server once that its token does not say so: an account that is billed by monthly active users refuses it
 * (40167). Tokens that cannot be read, such as encrypted JWTs, are left to the service.
 */
export function warnOfServerClaim(
  details: TokenDetails,
  { clientType, log }: { readonly clientType?: ClientType | undefined; readonly log: LogHandler },
): void {
  if (clientType !== 'server' || warned.has(log) || checked.get(details) === log) return;
  checked.set(details, log);
  const { token } = details;
  const claims = jwtClaims(token);
  const isAblyToken = token.split('.').length === 2;
  if (!isAblyToken && (claims === undefined || fieldOf(claims, 'x-ably-clientType') === 'server')) return;
  warned.add(log);
  const what = isAblyToken ? 'is an Ably Token, which cannot have the claim' : 'is a JWT without the claim';
  log(
    `clientType is 'server', and the token ${what} x-ably-clientType: "server": an account billed by monthly active users refuses it with 40167. ` +
      "Let tokenEndpoint answer with a JWT, from a grant with clientType: 'server'; or connect by key, with new RealtimeConnection({ key, clientType: 'server' }).",
    'warn',
  );
}
