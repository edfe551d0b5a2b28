import { Auth, type ClientOptions } from 'latchkey';
import type { ConnectionAdapter } from 'latchkey/connection';

/** An Auth for the connection of one document. It takes the token of `shared`, which alone asks your endpoint. */
export const documentAuth = (shared: Auth, connection: ConnectionAdapter, options?: ClientOptions): Auth =>
  new Auth({
    ...options,
    connection,
    authCallback: async (_params, { isRefused }) => {
      const token = await shared.getToken();
      // Documents that are refused at the same time share one request.
      return isRefused(token) ? await shared.authorize() : token;
    },
  });
