// Serves a token endpoint by the servers of the runtime, and asks it.
import { createServer } from 'node:http';
import { Auth } from 'latchkey';
import { tokenEndpoint } from 'latchkey/server';
import { nodeListener } from 'latchkey/server/node';
import { askEndpoint, formats, grant, origin } from './ask-endpoint.js';

const loopback = { port: 0, hostname: '127.0.0.1' };

/** Each gets the endpoint itself: no function between. */
const servers = {
  'Bun.serve': globalThis.Bun && {
    async serve(endpoint) {
      const server = Bun.serve({ ...loopback, fetch: endpoint });
      return { url: server.url.href, close: () => server.stop(true) };
    },
  },
  'Deno.serve': globalThis.Deno && {
    async serve(endpoint) {
      const server = Deno.serve({ ...loopback, onListen() {} }, endpoint);
      return { url: `http://127.0.0.1:${server.addr.port}/`, close: () => server.shutdown() };
    },
  },
  'node:http': {
    async serve(endpoint) {
      const server = createServer(nodeListener(endpoint));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const close = () => {
        server.closeAllConnections();
        server.close();
      };
      return { url: `http://127.0.0.1:${server.address().port}/`, close };
    },
  },
};

const settings = JSON.parse(process.env.LATCHKEY_JOB);
const { host, port, key } = settings;
const auth = new Auth({ key, useTokenAuth: true, endpoint: host, port, tls: false });
const outcome = {};
for (const [name, server] of Object.entries(servers)) {
  if (server === undefined) continue;
  for (const format of formats) {
    const { url, close } = await server.serve(
      tokenEndpoint({ auth, grant, format, cors: { origins: [origin] } }),
    );
    outcome[`${format} served by ${name}`] = await askEndpoint(url, settings).catch(String);
    await close();
  }
}
auth.dispose();
console.log(JSON.stringify(outcome));
