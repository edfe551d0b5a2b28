import type { Row } from '../row.js';
import { graphqlRows } from './graphql-ws.js';

/** All rows. Each stack has a file of its own. */
export const rows: readonly Row[] = [...graphqlRows];
