import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import type { Grant } from '../../../src/server/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
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

  it.each([
    ['', false],
    ['*/*', false],
    ['application/*', false],
    ['application/json, text/plain, application/jwt', false],
    ['application/jwt', true],
    ['APPLICATION/JWT; charset=utf-8', true],
    ['application/jwt, */*', true],
    ['application/jwt;q=0.9, application/json;q=0.5', true],
    ['application/jwt;q=0.5, application/json;q=0.9', false],
    ['application/jwt;q=0', false],
    ['application/jwt;q=2', false],
    ['application/jwt;q=nonsense', false],
    ['application/jwt-seq', false],
    ['text/html, application/xjwt', false],
    [`${'a/b,'.repeat(3_000)}application/jwt`, true],
  ])('Accept: %.60s gets the JWT alone: %s', async (accept, isAlone) => {
    const { headers, text } = await granting({}).get({}, { accept });
    expect(headers.get('content-type')).toBe(isAlone ? 'application/jwt' : 'application/json');
    expect(text.startsWith('{')).toBe(!isAlone);
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

  it('a JWT above 8 KB is logged once', async () => {
    const names = Array.from({ length: 400 }, (_one, index) => [`room:${index}`, ['subscribe']]);
    const { ask, lines } = loggedEndpoint({ capability: Object.fromEntries(names) });
    for (let time = 0; time < 3; time += 1) expect((await ask()).status).toBe(200);
    expect(lines).toEqual([expect.stringMatching(/^warn the token endpoint made a JWT of \d+ characters/)]);
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
  it.each([
    [75_000, /^warn the clock of this machine is .+ behind the clock of the service/],
    [-75_000, /^warn the clock of this machine is .+ ahead of the clock of the service/],
  ])('a service that is %i ms ahead is logged, at most once an hour', async (aheadMs, line) => {
    const { ask, lines, clock, asked } = loggedEndpoint({ serviceTime: () => clock.now() + aheadMs });
    for (let time = 0; time < 3; time += 1) await ask();
    expect(asked).toEqual(['/time']);
    expect(lines).toEqual([expect.stringMatching(line)]);
    await clock.advance(HOUR);
    await ask();
    expect([asked.length, lines.length]).toEqual([2, 2]);
  });

  it('a clock that is right, and a service that does not answer, are not logged', async () => {
    for (const serviceTime of [() => NOW + 59_000, () => Promise.reject(new TypeError('fetch failed'))]) {
      const { ask, lines } = loggedEndpoint({ serviceTime });
      expect((await ask()).status).toBe(200);
      expect(lines).toEqual([]);
    }
  });

  it('no answer waits for the service', async () => {
    const { ask } = loggedEndpoint({ serviceTime: () => new Promise(() => {}) });
    expect((await ask()).status).toBe(200);
  });

  it('checkClock: false, and a client with queryTime, compare nothing', async () => {
    const { auth, asked } = loggedEndpoint();
    const endpoint = tokenEndpoint({ auth, grant: () => ADA, checkClock: false });
    expect((await endpoint(new Request('https://example.com/token'))).status).toBe(200);
    expect(asked).toEqual([]);
  });

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
