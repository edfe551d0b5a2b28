import { Auth, type ClientOptions, type TokenDetails, type TokenRequest } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';

/** Where the parts of the job are. */
export interface Job {
  readonly host: string;
  readonly port: number;
  /** Of the token endpoint, without the path. */
  readonly application: string;
  readonly key: string;
  /** A new TokenRequest, as a backend gives it. */
  tokenRequest(): Promise<TokenRequest>;
  randomBytes(count: number): Uint8Array;
}

const opened: { dispose(): void }[] = [];

function client(job: Job, options: ClientOptions): Auth {
  const auth = new Auth({ endpoint: job.host, port: job.port, tls: false, logLevel: 'none', ...options });
  opened.push(auth);
  return auth;
}

const isToken = ({ token, expires }: TokenDetails) => token !== '' && Number(expires) > 0;

/** Whether the token's end is known, that of a JWT as well: a renewal is planned. */
async function byUrl(job: Job, path: string, more: ClientOptions = {}): Promise<boolean> {
  const auth = client(job, { authUrl: `${job.application}${path}`, ...more });
  await auth.authorize();
  return auth.state.next !== undefined;
}

/** Each thing a user does, and what it is to give. */
export const things: Readonly<Record<string, readonly [run: (job: Job) => unknown, gives: unknown]>> = {
  'a token by a callback that gives a string': [
    async (job) => (await client(job, { authCallback: async () => 'a-token' }).requestToken()).token,
    'a-token',
  ],
  'a token by a callback that gives details': [
    async (job) => {
      const details = await client(job, { authUrl: `${job.application}/details` }).requestToken();
      return isToken(await client(job, { authCallback: async () => details }).authorize());
    },
    true,
  ],
  'a token by a callback that gives a TokenRequest': [
    async (job) => isToken(await client(job, { authCallback: () => job.tokenRequest() }).authorize()),
    true,
  ],
  'a token by authUrl with GET, in each format': [
    async (job) => [await byUrl(job, '/request'), await byUrl(job, '/details'), await byUrl(job, '/jwt')],
    [true, true, true],
  ],
  'a token by authUrl with POST, in each format': [
    async (job) => {
      const authMethod = 'POST';
      const paths = ['/request', '/details', '/jwt'];
      return await Promise.all(paths.map((path) => byUrl(job, path, { authMethod })));
    },
    [true, true, true],
  ],
  'what is sent to authUrl arrives letter for letter, with GET and POST': [
    async (job) => {
      const authParams = { user: 'ü & = ? # + 100% 𝄞', 'a b': "'()*~" };
      const ask = (authMethod: string) =>
        client(job, {
          authUrl: `${job.application}/echo?sig=a%2Fb&user=gone`,
          authMethod,
          authParams,
        }).requestToken();
      const [got, posted] = [(await ask('GET')).token, (await ask('POST')).token];
      return [got, posted];
    },
    ["a/b|ü & = ? # + 100% 𝄞|'()*~", "a/b|ü & = ? # + 100% 𝄞|'()*~"],
  ],
  'a redirect of authUrl to another origin is refused': [
    (job) =>
      client(job, { authUrl: `${job.application}/away` })
        .requestToken()
        .catch((error: Error) => error.message),
    'the token source redirected to another origin',
  ],
  'a signed TokenRequest, with random bytes that are passed in': [
    async (job) => {
      const { key, randomBytes } = job;
      const one = client(job, { key, useTokenAuth: true, randomBytes });
      return isToken(await one.requestToken({ clientId: 'ü𝄞' }));
    },
    true,
  ],
  'auth.fetch() of a path, with and without a body': [
    async (job) => {
      const one = client(job, { authUrl: `${job.application}/request` });
      const got = await one.fetch('/time');
      const posted = await one.fetch('/channels/a/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"name":"a","data":"ü"}',
      });
      return [got.status, posted.status];
    },
    [200, 201],
  ],
  'a RealtimeConnection connects, and is upgraded in place': [
    async (job) => {
      const connection = new RealtimeConnection({
        endpoint: job.host,
        port: job.port,
        tls: false,
        logLevel: 'none',
      });
      opened.push(connection);
      const updates: string[] = [];
      connection.onStateChange(({ event }) => updates.push(event));
      const auth = client(job, { authUrl: `${job.application}/request`, connection });
      await auth.authorize();
      const { id } = connection;
      await auth.authorize();
      return [connection.state, id !== null && connection.id === id, updates.includes('update')];
    },
    ['connected', true, true],
  ],
  'an abort ends auth.fetch()': [
    (job) => {
      const one = client(job, { authCallback: async () => 'a-token' });
      const controller = new AbortController();
      controller.abort();
      return one.fetch('/time', { signal: controller.signal }).catch((error: Error) => error.name);
    },
    'AbortError',
  ],
};

/** Does all of it. */
export async function doAll(job: Job): Promise<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const [name, [run]] of Object.entries(things)) {
    given[name] = await Promise.resolve(run(job)).catch((error: unknown) => `failed: ${error}`);
  }
  for (const one of opened.splice(0)) one.dispose();
  return given;
}

/** What comes of making a client there; the message and the advice of its error, or 'made'. */
export function making(options: ClientOptions): string {
  try {
    new Auth(options).dispose();
    return 'made';
  } catch (error) {
    const { message, remediation } = error as { message: string; remediation?: string };
    return `${message}: ${remediation}`;
  }
}

export const makingConnection = (): string => {
  try {
    new RealtimeConnection({}).dispose();
    return 'made';
  } catch (error) {
    return (error as Error).message;
  }
};
