import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { endpoint } from './endpoint.js';

/** Hono, on any runtime with Request and Response. */
export const app = new Hono().all('/api/token', ({ req }) => endpoint(req.raw));

/** Starts it on Node. */
export function start(port: number): Server {
  return serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server;
}
