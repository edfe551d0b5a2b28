import { type ClientOptions, StopRenewing } from '../../src/index.js';
import { mustEnd, NOW, SECRET, TOKEN, WORDS } from './checks.js';
import type { Lies } from './lies.js';
import { bodyOf, failureOf } from './reading.js';

const details = () => ({ token: 'a-token', issued: NOW, expires: NOW + 3_600_000 });
const signed = () => ({
  keyName: 'app.key',
  timestamp: NOW,
  nonce: 'a-nonce-of-sixteen-letters',
  mac: 'bWFj',
});

/** What `fetch` of a platform, or of a wrapper, throws: a proxy, a trap, any other value. */
const thrownBy = (lies: Lies): unknown =>
  lies.one<() => unknown>([
    () => failureOf(lies),
    () => lies.value(),
    () => lies.trap(),
    () => new TypeError(lies.one(['fetch failed', 'x is not a function', `no route to ${TOKEN}`, ''])),
    () => new Error(lies.one(["The 'cache' field is not implemented.", `too many subrequests ${WORDS}`])),
    () => Object.assign(new RangeError(WORDS), { message: lies.value(0) }),
  ])();

/** What `fetch` of a wrapper returns. */
const returnedBy = (lies: Lies): unknown =>
  lies.one<() => unknown>([
    () => lies.value(),
    () => lies.trap(),
    () => new Proxy({}, { ownKeys: () => lies.one<never>([]) }),
    () => ({
      ...{ ok: true, status: 200, headers: new Headers({ 'content-type': 'text/plain' }) },
      text: () => Promise.reject(thrownBy(lies)),
    }),
    () => ({ ok: true, status: 200, headers: new Headers(), ...bodyOf(lies) }),
    () => lies.spoiled({ ok: true, status: 200, headers: new Headers(), ...bodyOf(lies) }),
    () => new Response(null, { status: 302, headers: { location: lies.one(['/b', 'http://[', TOKEN, '']) } }),
    () => Response.json(details()),
  ])();

/** The functions of the application through which a request of the client goes fail, or give anything. */
export async function calls(lies: Lies): Promise<void> {
  const anything = async (): Promise<never> => {
    if (lies.chance() < 0.4) throw thrownBy(lies);
    return returnedBy(lies) as never;
  };
  const url: ClientOptions = {
    authUrl: `https://example.com/token?pass=${encodeURIComponent(WORDS)}&clientId=ada`,
    fetch: anything,
  };
  const stopped = () =>
    Object.assign(new StopRenewing(WORDS), lies.chance() < 0.5 ? { message: lies.value(0) } : {});
  stopped().toErrorInfo();
  await mustEnd({
    key: `app.key:${SECRET}`,
    authHeaders: { authorization: `Bearer ${TOKEN}`, 'x-pass': WORDS },
    ...lies.one<() => ClientOptions>([
      () => url,
      () => ({ ...url, authMethod: 'POST' }),
      () => ({ ...url, authHeaders: anything, fetch: async () => Response.json(details()) }),
      () => ({ ...url, authParams: anything, fetch: async () => Response.json(details()) }),
      () => ({ authCallback: async () => signed(), fetch: anything }),
      () => ({ useTokenAuth: true, fetch: anything }),
      () => ({ token: TOKEN, authCallback: () => Promise.reject(lies.one([stopped(), thrownBy(lies)])) }),
      () => ({ tokenDetails: { ...details(), token: TOKEN, expires: NOW }, ...url }),
      () => ({ authCallback: () => Promise.reject(stopped()) }),
      () => ({ token: signed(), fetch: anything }),
    ])(),
  });
}
