import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import type { Grant } from '../../../src/server/index.js';
import { refuse, tokenEndpoint } from '../../../src/server/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { SandboxHarness } from '../../kit/sandbox-harness.js';
import { ADA, EndpointUnderTest, KEY, NOW } from '../../kit/token-endpoint-harness.js';

const HOUR = 3_600_000;
const granting = (grant: Partial<Grant>) =>
  new EndpointUnderTest({ format: 'jwt', grant: () => ({ ...ADA, ...grant }) });

/** An endpoint whose client logs into `lines`, and whose service answers with that time. */
function loggedEndpoint({
  serviceTime = () => NOW,
  ...grant
}: Partial<Grant> & { serviceTime?: () => unknown } = {}) {
  const [lines, clock, asked]: [string[], VirtualClock, string[]] = [[], new VirtualClock(NOW), []];
  const auth = new Auth({
    key: KEY,
    clock,
    logHandler: (line, level) => lines.push(`${level} ${line}`),
    fetch: async (url) => {
      asked.push(new URL(String(url)).pathname);
      return Response.json([await serviceTime()]);
    },
  });
  const endpoint = tokenEndpoint({ auth, grant: () => ({ ...ADA, ...grant }) });
  const ask = async () => {
    const response = await endpoint(new Request('https://example.com/token'));
    await settle();
    return response;
  };
  return { ask, lines, clock, asked, auth };
}

/** The same after the first minute of answers. */
async function askedAMinute(...[options]: Parameters<typeof loggedEndpoint>) {
  const endpoint = loggedEndpoint(options);
  await endpoint.ask();
  await endpoint.clock.advance(60_000);
  return endpoint;
}

describe('the default format of a token endpoint', () => {
  it('is a JWT in a TokenDetails, which says what is in the JWT', async () => {
    const { ask } = loggedEndpoint();
    const response = await ask();
    expect(response.headers.get('content-type')).toBe('application/json');
    const { token, ...rest } = await response.json();
    const { iat = 0, exp = 0, ...claims } = decodeJwt(token);
    expect(rest).toEqual({
      issued: iat * 1000,
      expires: exp * 1000,
      clientId: claims['x-ably-clientId'],
      capability: claims['x-ably-capability'],
    });
  });

  it('a client knows lifetime, identity and rights of its token', async () => {
    const { endpoint } = granting({});
    const auth = new Auth({
      authUrl: 'https://example.com/token',
      fetch: (url, init) => endpoint(new Request(String(url), init)),
      clock: new VirtualClock(NOW),
    });
    expect(await auth.authorize()).toEqual({
      token: expect.stringContaining('.'),
      issued: NOW,
      expires: NOW + 600_000,
      clientId: 'ada',
      capability: '{"chat:*":["publish","subscribe"],"news":["subscribe"]}',
    });
    auth.dispose();
  });
});

describe('the limits of a JWT', () => {
  it.each<[Partial<Grant>, number]>([
    [{ ttl: 24 * HOUR }, 200],
    [{ ttl: 24 * HOUR + 1 }, 500],
    [{ ttl: HOUR, revocationKey: 'ward-7' }, 200],
    [{ ttl: HOUR + 1, revocationKey: 'ward-7' }, 500],
  ])('a grant of %j is answered with %i', async (grant, status) => {
    const endpoint = granting(grant);
    expect((await endpoint.get({ ttl: '60000' })).status).toBe(status);
    const messages = endpoint.heard.map(({ message }) => message);
    if (status === 500) expect(messages).toEqual([expect.stringContaining(`a ttl of ${grant.ttl} ms`)]);
    else expect(messages).toEqual([]);
  });

  it('a large grant is named once, in the JWT, if its answer would be longer than clients read', async () => {
    const capability = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_one, index) => [`room:${index}`.padEnd(20, 'x'), ['subscribe']]),
      );
    const answer = async (count: number) => {
      const { status, json, text } = await granting({ capability: capability(count) }).get();
      expect([status, Buffer.byteLength(text) <= 131_072]).toEqual([200, true]);
      const { 'x-ably-capability': signed } = decodeJwt(String(json.token));
      expect(Object.keys(JSON.parse(String(signed))).length).toBe(count);
      return { json, signed };
    };
    const small = await answer(1_000);
    expect(small.json.capability).toBe(small.signed);
    const large = await answer(2_048);
    expect(large.json).toEqual({
      token: expect.any(String),
      issued: NOW,
      expires: NOW + 600_000,
      clientId: 'ada',
    });
  });

  it('a JWT above 8 KB is logged once', async () => {
    const names = Array.from({ length: 400 }, (_one, index) => [`room:${index}`, ['subscribe']]);
    const { ask, lines } = loggedEndpoint({ capability: Object.fromEntries(names) });
    for (let time = 0; time < 3; time += 1) expect((await ask()).status).toBe(200);
    expect(lines).toEqual([expect.stringMatching(/^warn the token endpoint made a JWT of \d+ characters/)]);
  });
});

describe('a grant for a JWT', () => {
  it.each<[grant: object, message: string]>([
    [{ clientID: 'ada' }, 'grant returned the unknown option "clientID"'],
    [{ clientId: 'a\ud800' }, 'grant returned a clientId that is not a string of one line'],
    [{ revocationKey: '\udc00' }, 'grant returned a revocationKey that is not a string of one line'],
    [
      { claims: { 'ably.limits.a': '10' } },
      'grant returned the claim "ably.limits.a" with a string: a limit must be a number',
    ],
    [
      { claims: { 'x-ably-token': 'a.b' } },
      'grant returned the claim "x-ably-token", which must begin with "ably.channel." or "ably.limits."',
    ],
  ])('a mistake is named: %j', async (grant, message) => {
    const endpoint = granting(grant);
    expect((await endpoint.get()).status).toBe(500);
    expect(endpoint.heard.map((error) => [error.code, error.message])).toEqual([[40003, message]]);
  });
});

describe('the client type of a grant', () => {
  it('a server gets the claim, whose client cannot ask for it', async () => {
    const server = await granting({ clientType: 'server' }).get({ clientType: 'device' });
    expect(decodeJwt(String(server.json.token))['x-ably-clientType']).toBe('server');
    for (const params of [{ clientType: 'server' }, { 'x-ably-clientType': 'server' }]) {
      const device = await granting({}).get(params);
      expect(decodeJwt(String(device.json.token))).not.toHaveProperty('x-ably-clientType');
    }
  });

  it.each(['device', 'Server', '', null, 1])('a clientType of %j is refused by name', async (clientType) => {
    const endpoint = granting({ clientType } as never);
    expect((await endpoint.get()).status).toBe(500);
    expect(endpoint.heard[0]?.message).toContain("a clientType that is not 'server'");
  });

  it.each(['token-request', 'token'] as const)('the format %s has no room for it', async (format) => {
    const endpoint = new EndpointUnderTest({ format, grant: () => ({ ...ADA, clientType: 'server' }) });
    expect((await endpoint.get()).status).toBe(500);
    expect(endpoint.heard[0]).toMatchObject({ code: 40003, message: expect.stringContaining('clientType') });
  });
});

describe('the clock of a token endpoint', () => {
  it('nothing is compared in the first minute of answers', async () => {
    const { ask, clock, asked } = loggedEndpoint();
    await clock.advance(HOUR);
    await ask();
    await clock.advance(59_999);
    await ask();
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked).toEqual([]);
    await ask();
    expect(asked).toEqual(['/time']);
  });

  it.each([
    [
      75_000,
      /^warn the clock of this machine is at least 1 min 15 s behind the clock of the service, which may refuse /,
    ],
    [
      -75_000,
      /^warn the clock of this machine is at least 1 min 15 s ahead of the clock of the service, which may refuse /,
    ],
  ])('a service that is %i ms ahead is logged, at most once an hour', async (aheadMs, line) => {
    const { ask, lines, clock, asked } = await askedAMinute({ serviceTime: () => clock.now() + aheadMs });
    for (let time = 0; time < 3; time += 1) await ask();
    expect(asked).toEqual(['/time']);
    expect(lines).toEqual([expect.stringMatching(line)]);
    await clock.advance(HOUR);
    await ask();
    expect([asked.length, lines.length]).toEqual([2, 2]);
  });

  it('a clock that is right, and a service that does not answer, are not logged', async () => {
    const clocks = [
      () => NOW + 119_000,
      () => NOW + 1_000,
      () => Promise.reject(new TypeError('fetch failed')),
    ];
    for (const serviceTime of clocks) {
      const { ask, lines, asked } = await askedAMinute({ serviceTime });
      expect((await ask()).status).toBe(200);
      expect([asked.length > 0, lines]).toEqual([true, []]);
    }
  });

  it.each<[what: string, meanwhile: (clock: VirtualClock) => unknown, theirs: number]>([
    ['the answer took longer than the difference', (clock) => clock.advance(9_000), 64_000],
    ['the answer took longer than the difference the other way', (clock) => clock.advance(9_000), -55_000],
    ['the machine slept after the service had answered', (clock) => clock.sleep(HOUR), 0],
    ['the machine slept before the service answered', (clock) => clock.sleep(HOUR), HOUR],
    ['the clock was ahead, and was set meanwhile', (clock) => clock.skew(-HOUR), -HOUR],
    ['the clock was behind, and was set meanwhile', (clock) => clock.skew(HOUR), HOUR],
    ['the clock was right, and was set ahead meanwhile', (clock) => clock.skew(HOUR), 0],
    ['the clock was right, and was set back meanwhile', (clock) => clock.skew(-HOUR), 0],
  ])('a difference that is not certain is not logged: %s', async (_what, meanwhile, theirs) => {
    let answer = (_time: number) => {};
    const waiting = new Promise<number>((resolve) => {
      answer = resolve;
    });
    const { ask, lines, clock, asked } = await askedAMinute({ serviceTime: () => waiting });
    await ask();
    expect(asked).toEqual(['/time']);
    const askedAt = clock.now();
    await meanwhile(clock);
    answer(askedAt + theirs);
    await settle();
    expect(lines).toEqual([]);
  });

  it('no answer waits for the service', async () => {
    const { ask, asked } = await askedAMinute({ serviceTime: () => new Promise(() => {}) });
    expect([(await ask()).status, asked]).toEqual([200, ['/time']]);
  });

  it('checkClock: false, and a client with queryTime, compare nothing', async () => {
    const { auth, asked, clock } = loggedEndpoint();
    const endpoint = tokenEndpoint({ auth, grant: () => ADA, checkClock: false });
    for (let time = 0; time < 2; time += 1) {
      expect((await endpoint(new Request('https://example.com/token'))).status).toBe(200);
      await clock.advance(HOUR);
    }
    expect(asked).toEqual([]);
  });

  it.each<[options: object, message: string]>([
    [{ grant: undefined }, 'grant is undefined, not a function'],
    [{ format: ['jwt'] }, 'format is an array, not one of'],
  ])('an option is refused by its value: %j', (options, message) => {
    expect(() => tokenEndpoint({ auth: new Auth(KEY), grant: () => ADA, ...options } as never)).toThrow(
      message,
    );
  });

  it('the status of a refusal must be a number', () => {
    expect(() => refuse('401' as never)).toThrow('status is a string, not 401 or 403');
  });

  it.each(['jwt', 'token-request', 'token'] as const)(
    'checkClock must be true or false, also with the format %s',
    (format) => {
      const auth = new Auth(KEY);
      expect(() => tokenEndpoint({ auth, grant: () => ADA, format, checkClock: 'no' as never })).toThrow(
        expect.objectContaining({ code: 40003, message: expect.stringContaining('checkClock') }),
      );
    },
  );

  it('with queryTime a JWT has the time of the service, which is asked once', async () => {
    const { sandbox, key, clock } = new SandboxHarness();
    const local = new VirtualClock(clock.now() - 10 * 60_000);
    let asked = 0;
    const auth = new Auth({
      key: key.keyStr,
      queryTime: true,
      clock: local,
      fetch: (url, init) => {
        asked += 1;
        return sandbox.fetch(url, init);
      },
    });
    const endpoint = new EndpointUnderTest({ auth, format: 'jwt' });
    for (let time = 0; time < 2; time += 1) {
      const { issued } = (await endpoint.get()).json;
      expect(Math.abs(Number(issued) - clock.now())).toBeLessThan(2_000);
    }
    expect(asked).toBe(1);
  });
});
