import type { Apps } from './apps.js';
import { batchAnswer } from './batch-answer.js';
import type { Credentials } from './credentials.js';
import { Fault } from './fault.js';
import type { Revocation, Revocations } from './revocations.js';
import type { Route } from './routes.js';
import type { TokenRequests } from './token-requests.js';

export interface KeyServices {
  readonly apps: Apps;
  readonly credentials: Credentials;
  readonly requests: TokenRequests;
  readonly revocations: Revocations;
  /** Called after tokens were revoked: their connections must be disconnected. */
  revoked(all: readonly Revocation[]): void;
}

/** The routes that issue and revoke the tokens of a key. */
export function keyRoutes({
  apps,
  credentials,
  requests,
  revocations,
  revoked,
}: KeyServices): readonly Route[] {
  return [
    {
      method: 'POST',
      path: /^\/keys\/([^/]+)\/requestToken$/,
      fault: 'requestToken',
      handle: async ({ request, names: [keyName = ''], fields }) => {
        const key = apps.key(keyName);
        const holder = credentials.basicKey(request);
        return { status: 201, body: requests.exchange(key, await fields(), holder) };
      },
    },
    {
      method: 'POST',
      path: /^\/keys\/([^/]+)\/revokeTokens$/,
      fault: 'revokeTokens',
      handle: async ({ request, names: [keyName = ''], fields }) => {
        const grant = credentials.grantOf(request);
        const holder = credentials.basicKey(request);
        if (holder === undefined) throw new Fault('operation requires Basic authentication');
        if (holder.name !== keyName)
          throw new Fault('can only revoke tokens using the same key that issued them');
        credentials.checkType(request, grant);
        const [results, added] = revocations.add(holder, await fields());
        revoked(added);
        return batchAnswer(request, results);
      },
    },
  ];
}
