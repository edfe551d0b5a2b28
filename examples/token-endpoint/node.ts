import { createServer, type Server } from 'node:http';
import { nodeListener } from 'latchkey/server/node';
import { endpoint } from './endpoint.js';

/** Node's own server, without a framework. */
export function start(port: number): Server {
  const token = nodeListener(endpoint);
  return createServer((request, response) => {
    if (request.url?.split('?')[0] === '/api/token') token(request, response);
    else response.writeHead(404).end();
  }).listen(port, '127.0.0.1');
}
