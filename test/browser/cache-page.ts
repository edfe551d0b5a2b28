import { Auth, type ClientOptions } from '../../src/index.js';

/** The call with which the page requests a token. */
export type How = 'authorize' | 'requestToken';

/** The options that the test can set from outside the page. */
export type Asking = Pick<ClientOptions, 'authMethod' | 'authHeaders' | 'authCacheParam'>;

/** The events with which a browser reports that the user is back. */
export type Return = 'focus' | 'pageshow' | 'online' | 'visibilitychange';

/** The service is the server of the page. */
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

/** The functions that the tests call. */
export const cachePage = {
  /** The tokens of three users, who sign in one after the other and sign out in between. */
  tokens(how: How, options: Asking): Promise<readonly string[]> {
    const auth = new Auth({ authUrl: '/token', ...service(), ...options });
    return asEach(auth, async () => (await auth[how]()).token);
  },
  /** The answer of the service to each of them. */
  readings(init?: RequestInit): Promise<readonly string[]> {
    const auth = new Auth({ authUrl: '/token', ...service() });
    return asEach(auth, async () => {
      await auth.authorize();
      return await (await auth.fetch('/channels/a/messages', init)).text();
    });
  },
  /**
   * A client that finds nobody signed in. The user signs in in another tab, and comes back to this page with `event`.
   * @returns the state and the token before the event and after it
   */
  async signInElsewhere(
    event: Return,
  ): Promise<readonly (readonly [state: string, token: string | undefined])[]> {
    const auth = new Auth({ authUrl: '/session-token', ...service() });
    const now = () => [auth.state.value, auth.tokenDetails?.token] as const;
    await auth.getToken().catch(() => {});
    const token = new Promise((resolve) => auth.token$.subscribe(resolve));
    await signIn('ada');
    const before = now();
    const target = event === 'visibilitychange' ? document : window;
    target.dispatchEvent(new Event(event));
    await token;
    const after = now();
    auth.dispose();
    return [before, after];
  },
  /** The time of the service, three times. */
  async times(): Promise<readonly number[]> {
    const auth = new Auth({ authUrl: '/token', ...service() });
    return [await auth.time(), await auth.time(), await auth.time()];
  },
  /** Installs a service worker that answers every repeated request from its cache. */
  async serviceWorker(script = '/service-worker.js'): Promise<void> {
    const taken = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    );
    await navigator.serviceWorker.register(script);
    await taken;
  },
};

export type CachePage = typeof cachePage;

Object.assign(globalThis, { cachePage });
