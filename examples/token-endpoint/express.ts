import type { Server } from 'node:http';
import express from 'express';
import { nodeListener } from 'latchkey/server/node';
import { endpoint } from './endpoint.js';

/** Express. The endpoint also works if a middleware has read the body before. */
export function start(port: number): Server {
  const app = express();
  app.use(express.json(), express.urlencoded());
  app.all('/api/token', nodeListener(endpoint));
  return app.listen(port, '127.0.0.1');
}
