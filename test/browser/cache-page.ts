import { Auth, type ClientOptions } from '../../src/index.js';

/** How the page asks for a token. */
export type How = 'authorize' | 'requestToken';

/** What of its options can be said from outside of the page. */
export type Asking = Pick<ClientOptions, 'authMethod' | 'authHeaders' | 'authCacheParam'>;

/** The service is the server that the page came from. */
const service = (): ClientOptions => ({
  endpoint: location.hostname,
  port: Number(location.port),
  tls: false,
});

/** Another user signs in, in the same session. */
async function signIn(user: string): Promise<void> {
  await fetch(`/sign-in/${user}`, { method: 'POST' });
}

async function asEach<T>(auth: Auth, ask: () => Promise<T>): Promise<readonly T[]> {
  const answers: T[] = [];
  for (const user of ['ada', 'bob', 'ada']) {
    await signIn(user);
    answers.push(await ask());
    auth.forget();
  }
  auth.dispose();
  return answers;
}

/** What the tests call. */
export const cachePage = {
  /** The tokens of three users, one after the other, who sign out in between. */
  tokens(how: How, options: Asking): Promise<readonly string[]> {
    const auth = new Auth({ authUrl: '/token', ...service(), ...options });
    return asEach(auth, async () => (await auth[how]()).token);
  },
  /** What each of them reads of the service with that token. */
  readings(init?: RequestInit): Promise<readonly string[]> {
    const auth = new Auth({ authUrl: '/token', ...service() });
    return asEach(auth, async () => (await auth.fetch('/channels/a/messages', init)).text());
  },
  /** What the service says of the time, three times. */
  async times(): Promise<readonly number[]> {
    const auth = new Auth({ authUrl: '/token', ...service() });
    return [await auth.time(), await auth.time(), await auth.time()];
  },
  /** Puts a service worker before the page that answers from its cache whatever it has seen. */
  async serviceWorker(): Promise<void> {
    const taken = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    );
    await navigator.serviceWorker.register('/service-worker.js');
    await taken;
  },
};

export type CachePage = typeof cachePage;

Object.assign(globalThis, { cachePage });
