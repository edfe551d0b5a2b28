import { FetchError, ShapeStream } from '@electric-sql/client';
import type { Auth } from 'latchkey';

/** The same with Electric's async header. Electric ends a stream at a 401, unless `onError` returns an object. */
export const shapeByHeader = (auth: Auth, url: string, table: string): ShapeStream =>
  new ShapeStream({
    url,
    params: { table },
    headers: { authorization: async () => `Bearer ${(await auth.getToken()).token}` },
    async onError(error) {
      if (!(error instanceof FetchError) || error.status !== 401) return;
      await auth.authorize();
      return {};
    },
  });
