import { describe, expect, it } from 'vitest';
import { createSandbox, type FaultPlan, type FaultRoute } from '../../../src/sandbox/index.js';
import {
  AUTH,
  CONNECTED,
  DISCONNECTED,
  HEARTBEAT,
  HOUR,
  MINUTE,
  SandboxHarness,
  SECOND,
} from '../../kit/sandbox-harness.js';

const unavailable = { status: 503, code: 50003 };

/** One request to each route that can fail by name. */
const requests: Readonly<Record<Exclude<FaultRoute, 'rest'>, (harness: SandboxHarness) => Promise<unknown>>> =
  {
    requestToken: (harness) => harness.requestToken(harness.signed()),
    revokeTokens: (harness) => harness.post(`/keys/${harness.key.keyName}/revokeTokens`, {}, harness.basic),
    time: (harness) => harness.get('/time'),
    publish: (harness) => harness.post('/channels/a/messages', { data: 1 }, harness.basic),
    history: (harness) => harness.get('/channels/a/messages', harness.basic),
    presence: (harness) => harness.get('/channels/a/presence', harness.basic),
    stats: (harness) => harness.get('/stats', harness.basic),
    apps: (harness) => harness.post('/apps', {}),
  };

describe('faults of the sandbox, by route', () => {
  it.each(Object.keys(requests) as (keyof typeof requests)[])(
    '%s answers with an error, and no other route does',
    async (route) => {
      const harness = new SandboxHarness();
      harness.sandbox.setFault({ [route]: { ...unavailable, message: 'out of order', retryAfter: 7 } });
      for (const [name, ask] of Object.entries(requests)) {
        const { status, headers, body } = (await ask(harness)) as Awaited<ReturnType<SandboxHarness['get']>>;
        expect([name, status === 503]).toEqual([name, name === route]);
        if (name !== route) continue;
        expect(body.error).toMatchObject({ code: 50003, statusCode: 503, message: 'out of order' });
        expect(headers.get('retry-after')).toBe('7');
        expect(headers.get('x-ably-errorcode')).toBe('50003');
      }
      harness.sandbox.setFault(null);
      expect(await requests[route](harness)).not.toMatchObject({ status: 503 });
    },
  );

  it('all routes without their own fault have the fault of rest', async () => {
    const harness = new SandboxHarness();
    harness.sandbox.setFault({ rest: unavailable, time: { status: 500 } });
    expect(await harness.get('/time')).toMatchObject({ status: 500 });
    expect(await harness.get('/stats', harness.basic)).toMatchObject({ status: 503 });
    expect(await harness.get('/nowhere')).toMatchObject({ status: 503 });
  });

  it('a dropped request breaks, as with a broken network', async () => {
    const harness = new SandboxHarness();
    harness.sandbox.setFault({ time: 'drop' });
    await expect(harness.get('/time')).rejects.toThrow(TypeError);
    const { url } = await harness.sandbox.listen();
    await expect(fetch(`${url}/time`)).rejects.toThrow(TypeError);
  });

  it('a request that hangs can be aborted', async () => {
    const harness = new SandboxHarness();
    harness.sandbox.setFault({ time: 'hang' });
    const controller = new AbortController();
    const answer = harness.sandbox.fetch('https://x/time', { signal: controller.signal });
    await harness.clock.advance(HOUR);
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it('every answer is late by delayMs, and by up to jitterMs more at random', async () => {
    const harness = new SandboxHarness();
    harness.sandbox.setFault({ delayMs: 100, jitterMs: 50, seed: 3 });
    const times: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const before = harness.clock.monotonic();
      let isHere = false;
      const answer = harness.get('/time').then(() => {
        isHere = true;
      });
      while (!isHere) await harness.clock.advance(1);
      await answer;
      times.push(harness.clock.monotonic() - before);
    }
    expect(Math.min(...times)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...times)).toBeLessThanOrEqual(151);
    expect(new Set(times).size).toBeGreaterThan(5);
  });
});

describe('random faults of the sandbox', () => {
  const outcomes = async (plan: FaultPlan, random?: () => number) => {
    const sandbox = createSandbox(random === undefined ? {} : { random });
    sandbox.setFault(plan);
    const statuses: number[] = [];
    for (let count = 0; count < 400; count += 1)
      statuses.push((await sandbox.fetch('https://x/time')).status);
    return statuses;
  };

  it('faults happen at the requested rate', async () => {
    const statuses = await outcomes({ time: { rate: 0.3, fault: unavailable } });
    const failed = statuses.filter((status) => status === 503).length;
    expect(failed).toBeGreaterThan(90);
    expect(failed).toBeLessThan(150);
    expect(await outcomes({ time: { rate: 0, fault: unavailable } })).not.toContain(503);
    expect(await outcomes({ time: { rate: 1, fault: unavailable } })).not.toContain(200);
  });

  it('faults are the same for the same seed', async () => {
    const plan = { time: { rate: 0.5, fault: unavailable }, seed: 42 };
    expect(await outcomes(plan)).toEqual(await outcomes(plan));
    expect(await outcomes(plan)).not.toEqual(await outcomes({ ...plan, seed: 43 }));
  });

  it('faults use the option random', async () => {
    const statuses = await outcomes({ time: { rate: 0.5, fault: unavailable } }, () => 0.9);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('counted faults of the sandbox', () => {
  it('a fault with times happens that often, and then the route works', async () => {
    const { sandbox, get } = harnessOf();
    sandbox.setFault({ time: { times: 2, fault: unavailable } });
    expect([await get(), await get(), await get()]).toEqual([503, 503, 200]);
    sandbox.setFault({ time: { times: 1, fault: unavailable } });
    expect([await get(), await get()]).toEqual([503, 200]);
    sandbox.setFault({ time: { times: 0, fault: unavailable } });
    expect(await get()).toBe(200);
  });

  it('a fault counts its own times, independent of other routes', async () => {
    const { sandbox, get } = harnessOf();
    sandbox.setFault({ time: { times: 1, fault: unavailable }, rest: { times: 1, fault: unavailable } });
    expect([await get('/nowhere'), await get('/nowhere'), await get(), await get()]).toEqual([
      503, 404, 503, 200,
    ]);
  });

  const harnessOf = () => {
    const { sandbox } = new SandboxHarness();
    const get = async (path = '/time') => (await sandbox.fetch(`https://x${path}`)).status;
    return { sandbox, get };
  };
});

describe('faults of the sandbox, in answer to AUTH', () => {
  const connected = async (auth: NonNullable<FaultPlan['auth']>) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    harness.sandbox.setFault({ auth });
    const present = async () =>
      client.send({ action: AUTH, auth: { accessToken: await harness.token({ ttl: HOUR / 2 }) } });
    return { harness, client, present };
  };

  it('an AUTH under the fault silence is not answered, and the next AUTH is answered', async () => {
    const { harness, client, present } = await connected({ times: 1, fault: 'silence' });
    await present();
    await harness.clock.advance(MINUTE);
    expect(client.actions.filter((action) => action === CONNECTED)).toHaveLength(1);
    await present();
    expect(client.last).toMatchObject({ action: CONNECTED });
    expect(client.isOpen).toBe(true);
  });

  it('an AUTH that is answered late or never is reported when it arrives', async () => {
    const { harness, present } = await connected({ times: 1, fault: 'silence' });
    const told: string[] = [];
    harness.sandbox.subscribe(({ type }) => {
      if (type !== 'request') told.push(type);
    });
    await present();
    harness.sandbox.setFault({ auth: { lateMs: 500 } });
    await present();
    expect(told).toEqual(['unanswered', 'unanswered']);
    await harness.clock.advance(500);
    expect(told).toEqual(['unanswered', 'unanswered', 'reauthenticated']);
  });

  it('an AUTH with lateMs gets the correct answer that much later', async () => {
    const { harness, client, present } = await connected({ lateMs: 500 });
    await present();
    await harness.clock.advance(499);
    expect(client.actions).toEqual([CONNECTED]);
    await harness.clock.advance(1);
    expect(client.actions).toEqual([CONNECTED, CONNECTED]);
  });

  it('the late answer to an AUTH is dropped with its transport', async () => {
    const { harness, client, present } = await connected({ lateMs: 500 });
    await present();
    harness.sandbox.cutConnections();
    await harness.clock.advance(SECOND);
    expect(client.actions).toEqual([CONNECTED]);
  });

  it('a late refusal arrives in ERROR and ends the connection', async () => {
    const { harness, client, present } = await connected({ lateMs: 500, status: 401, code: 40102 });
    await present();
    expect(client.isOpen).toBe(true);
    await harness.clock.advance(500);
    expect(client.last).toMatchObject({ action: 9, error: { code: 40102, statusCode: 401 } });
    expect(harness.sandbox.connections).toEqual([]);
  });

  it('a refusal with disconnects arrives in DISCONNECTED, and the connection can be resumed', async () => {
    const { harness, client, present } = await connected({ status: 401, code: 40142, disconnects: true });
    await present();
    expect(client.last).toMatchObject({ action: DISCONNECTED, error: { code: 40142 } });
    expect(harness.sandbox.connections).toMatchObject([{ isConnected: false }]);
  });

  it.each([
    ['drop', [CONNECTED], 1],
    ['close', [CONNECTED, 8], 0],
  ] as const)('an AUTH is answered with %s', async (fault, actions, left) => {
    const { harness, client, present } = await connected(fault);
    await present();
    expect([client.actions, client.isOpen]).toEqual([actions, false]);
    expect(harness.sandbox.connections).toHaveLength(left);
  });
});

describe('faults of the sandbox, on connections', () => {
  it('a fault of connect refuses connections, breaks them, or leaves them without an answer', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    harness.sandbox.setFault({ connect: unavailable });
    expect((await harness.connect({ key })).last).toMatchObject({
      action: 9,
      error: unavailable && { code: 50003 },
    });
    harness.sandbox.setFault({ connect: 'refuse' });
    const refused = await harness.connect({ key });
    expect([refused.frames, refused.isOpen]).toEqual([[], false]);
    harness.sandbox.setFault({ connect: 'hang' });
    const hung = await harness.connect({ key });
    expect([hung.frames, hung.isOpen]).toEqual([[], true]);
  });

  it('a fault silences live connections in both directions until it ends', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    harness.sandbox.setFault({ realtime: 'silence' });
    await harness.clock.advance(MINUTE);
    await client.send({ action: 10, channel: 'chat' });
    expect(client.actions).toEqual([CONNECTED]);
    harness.sandbox.setFault(null);
    await client.send({ action: HEARTBEAT });
    await harness.clock.advance(2);
    expect(client.actions).toEqual([CONNECTED, HEARTBEAT]);
  });

  it('a fault delays the messages of the service and keeps their order', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    harness.sandbox.setFault({ realtimeDelayMs: 500 });
    await client.send({ action: 10, channel: 'a' });
    harness.sandbox.setFault({ realtimeDelayMs: 100 });
    await client.send({ action: 10, channel: 'b' });
    expect(client.actions).toEqual([CONNECTED]);
    await harness.clock.advance(500);
    expect(client.frames.slice(1).map(({ channel }) => channel)).toEqual(['a', 'b']);
    harness.sandbox.setFault(null);
    await client.send({ action: 7 });
    await harness.clock.advance(0);
    expect(client.isOpen).toBe(false);
  });

  it('a fault asks every connection for tokens again and again: an AUTH storm', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, heartbeats: 'false' });
    harness.sandbox.setFault({ askEveryMs: 100 });
    await harness.clock.advance(SECOND);
    expect(client.actions).toEqual([CONNECTED, ...Array(10).fill(AUTH)]);
    harness.sandbox.setFault(null);
    await harness.clock.advance(MINUTE);
    expect(client.actions).toHaveLength(11);
  });

  it('a fault breaks every transport again and again', async () => {
    const harness = new SandboxHarness();
    harness.sandbox.setFault({ cutEveryMs: 1_000 });
    for (let count = 0; count < 3; count += 1) {
      const client = await harness.connect({ key: harness.key.keyStr });
      expect(client.isOpen).toBe(true);
      await harness.clock.advance(1_000);
      expect(client.isOpen).toBe(false);
    }
    await harness.sandbox.dispose();
    await harness.clock.advance(HOUR);
    expect(harness.clock.pending).toBe(0);
  });
});

describe('a sandbox with a wrong clock', () => {
  it('the wrong clock is used in every answer and every check', async () => {
    const harness = new SandboxHarness();
    harness.sandbox.setFault({ clockSkewMs: -HOUR });
    expect((await harness.get('/time')).body).toEqual([harness.clock.now() - HOUR]);
    const { status } = await harness.requestToken(harness.signed());
    expect(status).toBe(401);
    const good = await harness.requestToken(harness.signed({ timestamp: harness.clock.now() - HOUR }));
    expect(good.body.issued).toBe(harness.clock.now() - HOUR);
  });

  it('a clock that jumps ends the tokens of live connections', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token({ ttl: 10 * MINUTE }) });
    harness.sandbox.setFault({ clockSkewMs: HOUR });
    await harness.clock.advance(0);
    expect(client.last).toMatchObject({ action: DISCONNECTED, error: { code: 40142 } });
  });
});

describe('a fault plan', () => {
  it.each([
    ['an unknown name', { requestTokens: 'hang' }, /unknown fault "requestTokens"/],
    ['an unknown word', { connect: 'drop' }, /connect must be hang, refuse or/],
    ['a status that is not an error', { time: { status: 200 } }, /400–599/],
    ['a code that is not a number', { time: { status: 400, code: 'x' } }, /400–599/],
    ['a rate over 1', { time: { rate: 2, fault: 'hang' } }, /from 0 to 1/],
    ['times that are a fraction', { time: { times: 0.5, fault: 'hang' } }, /times must be a whole number/],
    ['both times and a rate', { time: { times: 1, rate: 1, fault: 'hang' } }, /not both/],
    ['an AUTH that hangs', { auth: 'hang' }, /auth must be silence, drop, close, /],
    ['a negative delay of AUTH', { auth: { lateMs: -1 } }, /lateMs: 0 or more/],
    ['an AUTH fault without fields', { auth: {} }, /lateMs: 0 or more/],
    ['a disconnection without an error', { auth: { lateMs: 1, disconnects: true } }, /status: 400–599/],
    ['a negative delay', { delayMs: -1 }, /delayMs/],
    ['a delay without end', { delayMs: Number.POSITIVE_INFINITY }, /delayMs/],
    ['a storm without pause', { askEveryMs: 0 }, /askEveryMs/],
    ['a seed that is a fraction', { seed: 0.5 }, /seed/],
    ['an unknown word for realtime', { realtime: 'hang' }, /realtime/],
    ['the name of a property of Object', { constructor: 'hang' }, /unknown fault/],
    ['a list', [], /object/],
  ])('a plan with %s is refused, and the previous plan stays', (_title, plan, message) => {
    const sandbox = createSandbox();
    sandbox.setFault({ time: 'hang' });
    expect(() => sandbox.setFault(plan as FaultPlan)).toThrow(message);
    expect(() => sandbox.setFault(plan as FaultPlan)).toThrow(expect.objectContaining({ code: 40003 }));
    expect(sandbox.fault).toEqual({ time: 'hang' });
  });

  it('a fault plan is copied: later changes of the original have no effect', async () => {
    const sandbox = createSandbox();
    const plan = { time: { status: 503 } };
    sandbox.setFault(plan);
    plan.time.status = 504;
    expect((await sandbox.fetch('https://x/time')).status).toBe(503);
  });
});
