import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo } from '../../src/index.js';

const OWN = 'https://rest.example.com/x';
const FOREIGN = 'https://evil.example/x';

/** Returns `first` so many times, and `then` afterwards. */
function turning(first: string, then: string, times: number): () => string {
  let count = 0;
  return () => {
    count += 1;
    return count > times ? then : first;
  };
}

interface Sent {
  readonly url: string;
  readonly authorization: string | null;
}

/** A client whose requests are recorded, and answered with these redirects first. */
function client(options: ClientOptions, redirects: readonly string[] = []) {
  const sent: Sent[] = [];
  const left = [...redirects];
  const auth = new Auth({
    logLevel: 'none',
    endpoint: 'rest.example.com',
    fetch: async (url, { headers }) => {
      sent.push({ url, authorization: new Headers(headers).get('authorization') });
      const location = left.shift();
      return location === undefined
        ? new Response('a-token', { headers: { 'content-type': 'text/plain' } })
        : new Response(null, { status: 302, headers: { location } });
    },
    ...options,
  });
  onTestFinished(() => auth.dispose());
  return { auth, sent };
}

const own = { authCallback: async () => 'a-token' };

/** Objects that give one address when they are checked, and another one later. */
const liars: Record<string, () => unknown> = {};
for (const times of [0, 1, 2, 3, 4]) {
  const next = () => turning(OWN, FOREIGN, times);
  liars[`a toString that turns after ${times} calls`] = () => ({ toString: next(), href: OWN });
  liars[`a href that turns after ${times} reads`] = () => {
    const href = next();
    return Object.defineProperty({ toString: () => OWN }, 'href', { get: href });
  };
  liars[`a URL whose href turns after ${times} reads`] = () =>
    Object.defineProperty(new URL(OWN), 'href', { get: next() });
  liars[`a subclass of URL that turns after ${times} calls`] = () => {
    const href = next();
    return new (class extends URL {
      override get href() {
        return href();
      }
      override toString() {
        return href();
      }
    })(FOREIGN);
  };
  liars[`a subclass of Request whose url turns after ${times} reads`] = () => {
    const url = next();
    return new (class extends Request {
      override get url() {
        return url();
      }
    })(FOREIGN);
  };
}
liars['a Request that hides its url'] = () =>
  Object.defineProperty(new Request(FOREIGN), 'url', { value: OWN });
liars['a Request whose clone is another'] = () =>
  Object.assign(new Request(OWN), { clone: () => new Request(FOREIGN, { method: 'POST', body: 'secret' }) });
liars['an object with the prototype of Request'] = () =>
  Object.defineProperty(Object.create(Request.prototype), 'url', { value: OWN });
liars['a Proxy of a Request'] = () =>
  new Proxy(new Request(FOREIGN), {
    get: (target, name) => (name === 'url' ? OWN : Reflect.get(target, name)),
  });

describe('the address that is checked is the address that is sent', () => {
  it.each(Object.entries(liars))('credentials go to the service only: %s', async (_what, make) => {
    const { auth, sent } = client(own);
    const result = await auth.fetch(make() as never).catch((error: unknown) => error);
    for (const { url } of sent) expect(url).toBe(OWN);
    if (sent.length === 0) expect(result).toMatchObject({ name: 'ErrorInfo', code: 40003 });
  });

  it.each(Object.entries(liars).filter(([what]) => /Request/.test(what) && !/Proxy|prototype/.test(what)))(
    'a request that is really for another origin is refused: %s',
    async (_what, make) => {
      const { auth, sent } = client(own);
      await expect(auth.fetch(make() as never)).rejects.toMatchObject({
        code: 40003,
        message: 'the origin of the address must be https://rest.example.com',
      });
      expect(sent).toEqual([]);
    },
  );
});

describe('each hop of a redirect is checked', () => {
  const bad = [
    ['https://user:password@rest.example.com/y', 'with a user name or a password'],
    ['https://user@rest.example.com/y', 'with a user name or a password'],
    ['https://rest.example.com@evil.example/y', 'to another origin'],
    ['//evil.example/y', 'to another origin'],
    ['\\\\evil.example\\y', 'to another origin'],
    ['http://rest.example.com/y', 'to another origin'],
    ['https://rest.example.com:444/y', 'to another origin'],
    ['http://[', 'to another origin'],
  ] as const;

  it.each(bad)('auth.fetch follows no redirect to %s', async (location, why) => {
    for (const before of [[], ['/first'], ['/first', '/second']]) {
      const { auth, sent } = client(own, [...before, location]);
      const error: unknown = await auth.fetch('/x').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ErrorInfo);
      expect(error).toMatchObject({ code: 40003, message: expect.stringContaining(why.split(' ')[0] ?? '') });
      expect((error as Error).message).not.toContain('password@');
      expect(sent).toHaveLength(before.length + 1);
    }
  });

  it.each(bad)('a request to authUrl follows no redirect to %s', async (location) => {
    for (const before of [[], ['/first'], ['/first', '/second']]) {
      const options = { authUrl: 'https://rest.example.com/token', authHeaders: { 'x-app': 'a secret' } };
      const { auth, sent } = client(options, [...before, location]);
      const error: unknown = await auth.authorize().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ErrorInfo);
      expect(error).toMatchObject({ code: 40170, message: expect.stringContaining('redirected to') });
      expect(JSON.stringify(error)).not.toContain('password@');
      expect(sent).toHaveLength(before.length + 1);
    }
  });
});
