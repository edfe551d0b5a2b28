import { it } from 'vitest';
import { Auth } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
const say = async (name: string, run: () => unknown) => {
  try { const r = await run(); console.log(name, '→ ok', JSON.stringify(r)); }
  catch (e) { const x = e as any; console.log(name, '→', x.constructor.name, x.code, x.statusCode, x.message, x.href); }
};
const url = (res: () => Response, more: object = {}) => new Auth({ authUrl: 'https://example.com/t', fetch: async () => res(), ...more }).requestToken();
it('probes', async () => {
  await say('bad capability', () => new Auth({ authCallback: async () => ({ token: 't', capability: 7 } as never) }).requestToken());
  await say('bad capability request', () => new Auth({ authCallback: async () => ({ keyName: 'a.b', timestamp: true, nonce: 'n', mac: 'm', capability: {a: 1} } as never) }).requestToken());
  await say('keyName surrogate', () => new Auth({ fetch: async () => new Response('{}'), authCallback: async () => ({ keyName: 'a\ud800', timestamp: 1, nonce: 'n', mac: 'm' } as never) }).requestToken());
  await say('403 not utf8', () => url(() => new Response(new Uint8Array([255, 254]), { status: 403 })));
  await say('403 too long', () => url(() => new Response('x'.repeat(200_000), { status: 403 })));
  await say('error without message', () => url(() => Response.json({ error: { code: 40100, statusCode: 401, href: '' } }, { status: 401 })));
  await say('endpoint with port', () => new Auth({ key: 'a.b:c', endpoint: 'example.com:8080', fetch: async () => new Response('[1]') }).time());
  await say('endpoint localhost port', () => new Auth({ key: 'a.b:c', endpoint: 'localhost:8080', fetch: async () => new Response('[1]') }).time());
  await say('fetch throws', () => url(() => { throw 1; }));
  await say('fetch throws sync', () => new Auth({ authUrl: 'https://example.com/t', fetch: () => { throw new Error('x'); } }).requestToken());
  await say('url with password', () => new Auth({ authUrl: 'https://u:p@example.com/t' }));
  await say('odd header', () => new Auth({ authUrl: 'https://example.com/t', authHeaders: { 'a b': '1' } }));
  await say('Headers', () => new Auth({ authUrl: 'https://example.com/t', authHeaders: new Headers({ a: '1' }) as never, fetch: async (_u, i) => { console.log(i?.headers); return new Response('t', { headers: { 'content-type': 'text/plain' } }); } }).requestToken());
  await say('timer return', () => new Auth({ authCallback: ((_p: unknown, cb: (e: unknown, t: string) => void) => setTimeout(() => cb(null, 't'), 1)) as never }).requestToken());
  await say('falsy error', () => new Auth({ authCallback: (_p, cb) => cb(false, 't') }).requestToken());
  class Odd extends Error { get code() { return 40300; } get statusCode() { return 403; } }
  await say('getter error', () => new Auth({ authCallback: async () => { throw new Odd('no'); } }).requestToken());
  await say('number authUrl', () => new Auth({ authUrl: {} as never }));
  let n = 0;
  const a = new Auth({ key: 'a.b:c', queryTime: true, fetch: async (u) => { if (String(u).endsWith('/time')) n++; return new Response(String(u).endsWith('/time') ? '[5]' : '{"token":"t"}'); } });
  await Promise.all([a.createTokenRequest(), a.createTokenRequest(), a.createTokenRequest()]);
  console.log('time queries', n);
  let asked: string[] = [];
  await say('long body from ably', () => new Auth({ key: 'a.b:c', fetch: async (u) => { asked.push(String(u)); return new Response('x'.repeat(200_000)); } }).requestToken());
  console.log(asked);
  await say('revocation null', () => new Auth({ key: 'a.b:c', fetch: async () => new Response('{"results":[null]}') }).revokeTokens({ type: 'clientId', value: 'x' }));
  const clock = new VirtualClock();
  let cancelled = false;
  const p = new Auth({ clock, authUrl: 'https://example.com/t', fetch: async () => new Response(new ReadableStream({ cancel() { cancelled = true; } }), { headers: { 'content-type': 'text/plain' } }) }).requestToken().catch(() => {});
  await clock.advance(20_000); await p; console.log('body released at the deadline', cancelled);
});
