import { HocuspocusProvider } from '@hocuspocus/provider';
import { Server } from '@hocuspocus/server';
import { WebSocket } from 'ws';
import { Auth } from '../../../src/auth.js';
import { hocuspocus, tokenAccepted, tokenRefused } from '../../../src/connection/hocuspocus/index.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import { NEWS_MS, type Seat, type World } from '../world.js';

const NAME = 'minutes';

/** How long before the expiry of a token the server asks for the next one, as the hook `onTokenSync` is for, ms. */
const ASK_AHEAD_MS = 1_000;

const UNAUTHORIZED = 4401;
const expired = { code: 40142, statusCode: 401, message: 'the token expired' };

const leftOf = (token: string): number => Number(token.split('-')[2]) - Date.now();

/** The real server of Hocuspocus. It closes the document if a token is refused, and asks for a new one ahead of time. */
async function server(world: World): Promise<{ url: string; stop: () => Promise<void> }> {
  const seats = new Map<unknown, Seat>();
  const hocus = new Server({
    ...{ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false },
    async onAuthenticate({ token }) {
      if (!world.accepts(token))
        throw Object.assign(new Error('not authorized'), { reason: tokenRefused(token, expired) });
      return { token };
    },
    async connected({ connection, context }) {
      let token: string = context.token;
      const askLater = () => setTimeout(() => connection.requestToken(), leftOf(token) - ASK_AHEAD_MS);
      let ask = askLater();
      const seat = world.admit(token, {
        drop: () => connection.webSocket.close(),
        refuse: () => connection.close({ code: UNAUTHORIZED, reason: tokenRefused(token, expired) }),
      });
      const renew = (next: string) => {
        clearTimeout(ask);
        token = next;
        ask = askLater();
        seat.renew(next);
      };
      seats.set(connection, { ...seat, renew });
      connection.onClose(() => {
        clearTimeout(ask);
        seats.delete(connection);
        seat.leave();
      });
      connection.sendStateless(tokenAccepted(token, null));
    },
    async onTokenSync({ token, connection }) {
      const seat = seats.get(connection);
      if (seat === undefined) return;
      if (!world.accepts(token)) throw { code: UNAUTHORIZED, reason: 'Unauthorized' };
      seat.renew(token);
      connection.sendStateless(tokenAccepted(token, null));
    },
  });
  await hocus.listen();
  let news = 0;
  const timer = setInterval(() => {
    news += 1;
    hocus.hocuspocus.documents.get(NAME)?.getMap('news').set('count', news);
  }, NEWS_MS);
  return {
    url: `ws://127.0.0.1:${hocus.address.port}`,
    stop: async () => {
      clearInterval(timer);
      await hocus.destroy();
    },
  };
}

function subscribe(world: World, { document }: HocuspocusProvider): void {
  const subscription = world.subscribe();
  document.getMap('news').observe(() => subscription.received());
}

/** For both ways, so that chance decides nothing: how long a websocket waits before it connects again. */
const steady = { WebSocketPolyfill: WebSocket, jitter: false, name: NAME };

const stack = versionOf('@hocuspocus/provider');

export const hocuspocusRows: readonly Row[] = [
  {
    stack,
    way: 'latchkey',
    async start(world) {
      const { url, stop } = await server(world);
      const provider = new HocuspocusProvider({ ...steady, url });
      const connection = hocuspocus(provider);
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      subscribe(world, provider);
      connection.connect();
      return async () => {
        auth.dispose();
        connection.dispose();
        provider.destroy();
        await stop();
      };
    },
  },
  {
    stack,
    way: 'documentation',
    page: { url: 'https://tiptap.dev/docs/hocuspocus/guides/auth', date: '2026-11-30' },
    // The option `token` as a function, and the server's requests for a new one. There is no way back for a document that
    // was closed.
    async start(world) {
      const { url, stop } = await server(world);
      const provider = new HocuspocusProvider({
        ...steady,
        url,
        token: async () => (await world.fetchToken()).token,
      });
      subscribe(world, provider);
      return async () => {
        provider.destroy();
        await stop();
      };
    },
  },
];
