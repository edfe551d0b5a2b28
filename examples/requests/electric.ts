import { ShapeStream } from '@electric-sql/client';
import type { Auth } from 'latchkey';

/** A shape of Electric, behind your own proxy. Each request carries the current token. */
export const shapeOf = (auth: Auth, url: string, table: string): ShapeStream =>
  new ShapeStream({ url, params: { table }, fetchClient: (input, init) => auth.fetch(input, init) });
