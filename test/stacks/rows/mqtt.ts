import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import { mqttClient } from '../../../examples/stacks/mqtt.js';
import { Auth } from '../../../src/auth.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import { LIFE_MS, NEWS_MS, type World } from '../world.js';

/** A real broker. MQTT 3.1.1 cannot say why it disconnects, so a token is refused at CONNECT only. */
async function broker(world: World) {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  aedes.authenticate = (client, _username, password, done) => {
    const token = String(password);
    if (!world.accepts(token)) {
      done(Object.assign(new Error('not authorized'), { returnCode: 5 as const }), null);
      return;
    }
    const end = () => client.conn.destroy();
    const seat = world.admit(token, { drop: end, refuse: end });
    client.conn.on('close', () => seat.leave());
    done(null, true);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const packet = {
    cmd: 'publish',
    topic: 'news',
    payload: 'news',
    qos: 0,
    retain: false,
    dup: false,
  } as const;
  const news = setInterval(() => aedes.publish(packet, () => {}), NEWS_MS);
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      clearInterval(news);
      for (const socket of sockets) socket.destroy();
      aedes.close();
      server.close();
    },
  };
}

function listen(world: World, client: MqttClient): void {
  const subscription = world.subscribe();
  client.on('message', () => subscription.received());
  client.once('connect', () => client.subscribe('news'));
}

const stack = versionOf('mqtt');

export const mqttRows: readonly Row[] = [
  {
    stack,
    way: 'latchkey',
    saysWhy: false,
    async start(world) {
      const { url, stop } = await broker(world);
      const { connection, client } = mqttClient(url);
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      listen(world, client);
      connection.connect();
      return () => {
        auth.dispose();
        connection.dispose();
        client.end(true);
        stop();
      };
    },
  },
  {
    stack,
    way: 'documentation',
    saysWhy: false,
    // "Refresh Authentication Options": the options are changed, and an outside mechanism keeps a valid token.
    page: { url: 'https://github.com/mqttjs/MQTT.js/blob/main/README.md', date: '2026-11-30' },
    async start(world) {
      const { url, stop } = await broker(world);
      const client = mqtt.connect(url, { username: 'token', manualConnect: true, reconnectPeriod: 1_000 });
      client.on('error', () => {});
      const update = () =>
        world.fetchToken().then(
          ({ token }) => {
            client.options.password = token;
          },
          () => {},
        );
      const timer = setInterval(update, LIFE_MS / 2);
      await update();
      listen(world, client);
      client.connect();
      return () => {
        clearInterval(timer);
        client.end(true);
        stop();
      };
    },
  },
];
