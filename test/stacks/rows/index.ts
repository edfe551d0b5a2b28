import type { Row } from '../row.js';
import { graphqlRows } from './graphql-ws.js';
import { hocuspocusRows } from './hocuspocus.js';
import { mqttRows } from './mqtt.js';
import { socketIoRows } from './socket-io.js';
import { socketRows } from './sockets.js';
import { trpcRows } from './trpc.js';
import { yWebsocketRows } from './y-websocket.js';

/** All rows. Each stack has a file of its own. */
export const rows: readonly Row[] = [
  ...graphqlRows,
  ...hocuspocusRows,
  ...socketIoRows,
  ...socketRows,
  ...yWebsocketRows,
  ...trpcRows,
  ...mqttRows,
];
