import { afterEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { NodeChild } from './node-child.js';

const sandboxes: Sandbox[] = [];
afterEach(async () => {
  await NodeChild.endAll();
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.dispose()));
});

/** A program with the real zone of Angular: `inside` runs in it, then it says when it is stable. */
const program = (imports: string, inside: string) => `
import 'zone.js/node';
import { NgZone } from '@angular/core';
import { Auth } from 'latchkey';
${imports}
const zone = new NgZone({});
const where = () => (NgZone.isInAngularZone() ? 'inside' : 'outside');
const aToken = (ms) => ({ token: 'token-' + Math.random(), issued: Date.now(), expires: Date.now() + ms });
let isAwaited = false;
/** Says so when the zone waits for nothing any more; then the process may go its way. */
const sayWhenStable = () => {
  if (isAwaited) return;
  isAwaited = true;
  zone.runOutsideAngular(() => {
    const look = setInterval(() => {
      if (!zone.isStable || zone.hasPendingMacrotasks) return;
      clearInterval(look);
      console.log('stable');
    }, 20);
  });
};
zone.run(() => {${inside}});
`;

const service = async () => {
  const sandbox = createSandbox();
  sandboxes.push(sandbox);
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const { host, port } = await sandbox.listen();
  return { sandbox, options: { endpoint: host, port, tls: false, key, useTokenAuth: true } };
};

describe('a client made in the zone of Angular, in Node', () => {
  it('a renewal ahead of time keeps the zone stable, and the process ends', async () => {
    const child = new NodeChild(
      program(
        '',
        `const auth = new Auth({ authCallback: async () => aToken(600_000), logLevel: 'none' });
        auth.token$.subscribe(() => {
          console.log(where());
          sayWhenStable();
        });`,
      ),
    );
    expect(await child.ended).toEqual({ code: 0, out: 'inside\nstable\n', err: '' });
  });

  it('the zone is stable between tries to get a token, and listeners are called in the zone', async () => {
    const child = new NodeChild(
      program(
        '',
        `const authCallback = async () => { throw new Error('not now'); };
        const auth = new Auth({ authCallback, renewal: { retry: { base: 300, cap: 300 } }, logLevel: 'none' });
        let failures = 0;
        const count = ({ attempts }) => {
          failures += 1;
          console.log(attempts, where());
          if (attempts === 1) sayWhenStable();
          else auth.off('failed', count);
        };
        auth.on('failed', count);
        auth.token$.subscribe();
        zone.runOutsideAngular(() => auth.on('failed', ({ attempts }) => {
          if (attempts > 3) console.log(failures, where()), auth.dispose();
        }));`,
      ),
    );
    expect(await child.ended).toEqual({
      code: 0,
      out: '1 inside\nstable\n2 inside\n2 outside\n',
      err: '',
    });
  });

  it.each([
    [
      'a RealtimeConnection',
      "import { RealtimeConnection } from 'latchkey/connection';",
      'new RealtimeConnection(it)',
    ],
    [
      "the official SDK's client",
      "import * as Ably from 'ably'; import { ablyJs } from 'latchkey/connection/ably-js';",
      `ablyJs((authCallback) => new Ably.Realtime({
        port: it.port, tls: false, realtimeHost: it.endpoint, restHost: it.endpoint, authCallback, logLevel: 0,
      }))`,
    ],
  ])('the zone is stable with %s that is up, and while it is away', async (_what, imports, made) => {
    const { sandbox, options } = await service();
    const { key, useTokenAuth, ...it } = options;
    const child = new NodeChild(
      program(
        imports,
        `const it = ${JSON.stringify(it)};
        const auth = new Auth({
          ...it, key: '${key}', useTokenAuth: ${useTokenAuth}, connection: ${made}, logLevel: 'none',
        });
        auth.on('connection.changed', ({ state }) => {
          if (state !== 'connected' && state !== 'disconnected') return;
          console.log(state, where());
          isAwaited = false;
          sayWhenStable();
        });`,
      ),
    );
    await child.says('connected inside\nstable\n');
    await sandbox.dispose();
    await child.says('disconnected inside\n');
    await child.says('stable\n', 2);
  });
});
