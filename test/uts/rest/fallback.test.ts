import { describe, expect } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import type { Auth, ClientOptions } from '../../../src/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { contradictedCase, utsCase } from '../case.js';
import { ablyError, json, MockHttp, text } from '../mock-http.js';
import { KEY, newAuth } from './new-auth.js';

const TIME = 1_234_567_890_000;
const PRIMARY = 'main.realtime.ably.net';
const PATH = '/channels/test/messages';

type Answer = Response | Error | 'hang';

const fine = () => json([TIME]);
const failing = (status = 500) => ablyError(status * 100, status);
const fallbacksOf = (id: string, domain = 'ably-realtime.com') =>
  ['a', 'b', 'c', 'd', 'e'].map((letter) => `${id}.${letter}.fallback.${domain}`);

/** A service whose hosts give these answers, one request after the other, and a client of it. */
function service(answers: readonly (() => Answer)[], options: ClientOptions = {}) {
  const clock = new VirtualClock();
  const http = new MockHttp((_request, index) => (answers[index] ?? fine)());
  const auth = newAuth({ key: KEY, clock, fetch: http.fetch, ...options });
  const hosts = () => http.requests.map(({ url }) => url.hostname);
  return { auth, clock, http, hosts };
}

/** Both ways to send a request to the service: of the client's own, and of its application. */
const calls: readonly ((auth: Auth) => Promise<unknown>)[] = [
  (auth) => auth.time(),
  async (auth) => {
    const response = await auth.fetch(PATH);
    if (!response.ok) throw Object.assign(new Error(), { statusCode: response.status });
  },
];

async function expectHosts(
  answers: readonly (() => Answer)[],
  options: ClientOptions,
  expected: readonly (string | readonly string[])[],
) {
  for (const call of calls) {
    const { auth, hosts } = service(answers, options);
    await call(auth).catch(() => {});
    expect(hosts()).toHaveLength(expected.length);
    for (const [index, one] of expected.entries()) expect([one].flat()).toContain(hosts()[index]);
  }
}

const primaryWith = (options: ClientOptions, host: string) => expectHosts([fine], options, [host]);

const refusedTogether = (options: object) =>
  expect(() => newAuth({ key: KEY, ...options } as ClientOptions)).toThrow(
    expect.objectContaining({
      code: 40003,
      message: expect.stringMatching(/combined|unknown option/) as string,
    }),
  );

describe('rest/unit/fallback.md: RSC15', () => {
  utsCase(
    'rest/unit/RSC15m/no-fallback-empty-hosts-0',
    'without fallback hosts one host is asked',
    async () => {
      await expectHosts([failing], { fallbackHosts: [] }, [PRIMARY]);
      const { auth } = service([failing], { fallbackHosts: [] });
      await expect(auth.time()).rejects.toMatchObject({ statusCode: 500 });
    },
  );

  utsCase(
    'rest/unit/RSC15a/fallback-random-order-0',
    'fallback hosts are asked in random order',
    async () => {
      for (const call of calls) {
        const orders = new Set<string>();
        for (const chance of [0, 0.3, 0.6, 0.9]) {
          const { auth, hosts } = service([failing, failing, failing, failing], { random: () => chance });
          await expect(call(auth)).rejects.toMatchObject({ statusCode: 500 });
          const [first, ...others] = hosts();
          expect(first).toBe(PRIMARY);
          expect(others).toHaveLength(3);
          expect(new Set(others).size).toBe(3);
          for (const host of others) expect(fallbacksOf('main')).toContain(host);
          orders.add(others.join());
        }
        expect(orders.size).toBeGreaterThan(2);
      }
    },
  );

  utsCase(
    'rest/unit/RSC15l/qualifying-errors-trigger-fallback-0',
    'which failures another host is asked after',
    async () => {
      const another: readonly (() => Answer)[] = [
        () => new TypeError('fetch failed'),
        ...[500, 501, 502, 503, 504].map((status) => () => failing(status)),
      ];
      for (const answer of another) await expectHosts([answer], {}, [PRIMARY, fallbacksOf('main')]);
      for (const status of [400, 401, 404, 505]) await expectHosts([() => failing(status)], {}, [PRIMARY]);
    },
  );

  utsCase(
    'rest/unit/RSC15l4/cloudfront-error-triggers-fallback-0',
    'another host is asked after an error of CloudFront',
    async () => {
      const byCloudFront = () => json({ error: 'Forbidden' }, 403, { server: 'CloudFront' });
      await expectHosts([byCloudFront], {}, [PRIMARY, fallbacksOf('main')]);
      const good = () => json([TIME], 200, { server: 'CloudFront' });
      await expectHosts([good], {}, [PRIMARY]);
    },
  );

  for (const [id, title, code] of [
    ['connection-refused-fallback-0', 'a refused connection', 'ECONNREFUSED'],
    ['dns-error-fallback-1', 'a host name that is not found', 'ENOTFOUND'],
  ] as const) {
    utsCase(`rest/unit/RSC15l/${id}`, `another host is asked after ${title}`, async () => {
      const refused = () =>
        new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
      await expectHosts([refused], {}, [PRIMARY, fallbacksOf('main')]);
    });
  }

  for (const [id, title] of [
    ['connection-timeout-fallback-2', 'a connection that does not open in time'],
    ['request-timeout-fallback-3', 'a request without an answer in time'],
  ] as const) {
    utsCase(`rest/unit/RSC15l/${id}`, `another host is asked after ${title}`, async () => {
      for (const call of calls) {
        const { auth, clock, hosts } = service([() => 'hang'], { httpRequestTimeout: 1_000 });
        const called = call(auth);
        await settle();
        expect(hosts()).toEqual([PRIMARY]);
        await clock.advance(1_000);
        await called;
        expect(hosts()).toHaveLength(2);
        expect(hosts()[1]).not.toBe(PRIMARY);
      }
    });
  }

  utsCase(
    'rest/unit/RSC15l/http-5xx-triggers-fallback-4',
    'another host is asked after a status of 500 to 504',
    async () => {
      for (const status of [500, 501, 502, 503, 504])
        await expectHosts([() => failing(status)], {}, [PRIMARY, fallbacksOf('main')]);
    },
  );

  utsCase(
    'rest/unit/RSC15l/http-4xx-no-fallback-5',
    'no other host is asked after another status',
    async () => {
      for (const status of [400, 401, 404]) {
        const { auth, hosts } = service([() => failing(status)]);
        await expect(auth.time()).rejects.toMatchObject({ statusCode: status });
        expect((await auth.fetch(PATH)).status).toBe(200);
        expect(hosts()).toEqual([PRIMARY, PRIMARY]);
      }
    },
  );

  utsCase(
    'rest/unit/RSC15j/host-header-matches-request-0',
    'no Host header is set: the platform sets the one of each address',
    async () => {
      for (const call of calls) {
        const { auth, http } = service([failing]);
        await call(auth);
        expect(http.requests.map(({ headers }) => headers.has('host'))).toEqual([false, false]);
        expect(http.requests[0]?.url.host).not.toBe(http.requests[1]?.url.host);
      }
    },
  );

  utsCase(
    'rest/unit/RSC15f/successful-fallback-cached-0',
    'the host that answered is asked first',
    async () => {
      for (const call of calls) {
        const { auth, hosts } = service([failing], { fallbackRetryTimeout: 60_000 });
        await call(auth);
        for (const later of calls) await later(auth);
        expect(hosts()).toEqual([PRIMARY, ...Array.from({ length: 3 }, () => fallbacksOf('main')[0])]);
      }
    },
  );

  utsCase(
    'rest/unit/RSC15f/cached-fallback-expires-1',
    '… until fallbackRetryTimeout has passed',
    async () => {
      for (const call of calls) {
        const { auth, clock, hosts } = service([failing], { fallbackRetryTimeout: 100 });
        await call(auth);
        await clock.advance(150);
        await call(auth);
        expect(hosts()[2]).toBe(PRIMARY);
      }
    },
  );

  utsCase(
    'rest/unit/RSC15f/expired-not-resurrected-2',
    '… and a late answer of it changes nothing',
    async () => {
      for (const call of calls) {
        let answerLate: (response: Response) => void = () => {};
        const held = new Promise<Response>((resolve) => {
          answerLate = resolve;
        });
        const clock = new VirtualClock();
        const http = new MockHttp((_request, index) =>
          index === 0 ? failing() : index === 2 ? held : fine(),
        );
        const auth = newAuth({ key: KEY, clock, fetch: http.fetch, fallbackRetryTimeout: 100 });
        await call(auth);
        const late = call(auth);
        await settle();
        await clock.advance(150);
        await call(auth);
        answerLate(fine());
        await late;
        await call(auth);
        const [first = ''] = fallbacksOf('main');
        expect(http.requests.map(({ url }) => url.hostname)).toEqual([
          PRIMARY,
          first,
          first,
          PRIMARY,
          PRIMARY,
        ]);
      }
    },
  );
});

describe('rest/unit/fallback.md: REC1', () => {
  for (const [id, title, options, host] of [
    ['REC1a/default-primary-domain-0', 'by default', {}, PRIMARY],
    [
      'REC1b2/explicit-hostname-with-period-0',
      'by a host name',
      { endpoint: 'custom.ably.example.com' },
      'custom.ably.example.com',
    ],
    ['REC1b2/endpoint-localhost-1', 'by localhost', { endpoint: 'localhost' }, 'localhost'],
    ['REC1b2/endpoint-ipv6-address-2', 'by an IPv6 address', { endpoint: '::1' }, '[::1]'],
    [
      'REC1b3/nonprod-routing-policy-0',
      'by a nonprod policy',
      { endpoint: 'nonprod:staging' },
      'staging.realtime.ably-nonprod.net',
    ],
    ['REC1b4/production-routing-policy-0', 'by a policy', { endpoint: 'test' }, 'test.realtime.ably.net'],
    [
      'REC1d1/resthost-sets-primary-domain-0',
      'by restHost',
      { restHost: 'custom.rest.example.com' },
      'custom.rest.example.com',
    ],
    [
      'REC1d2/realtimehost-sets-primary-domain-0',
      'by realtimeHost',
      { realtimeHost: 'custom.realtime.example.com' },
      'custom.realtime.example.com',
    ],
    [
      'REC1d/resthost-precedence-over-realtimehost-0',
      'by restHost before realtimeHost',
      { restHost: 'rest.example.com', realtimeHost: 'realtime.example.com' },
      'rest.example.com',
    ],
  ] as const)
    utsCase(`rest/unit/${id}`, `the first host is named ${title}`, () => primaryWith(options, host));

  for (const [id, options] of [
    ['REC1b1/endpoint-conflicts-environment-0', { endpoint: 'test', environment: 'production' }],
    ['REC1c1/environment-conflicts-resthost-0', { environment: 'sandbox', restHost: 'custom.host.com' }],
    [
      'REC1c1/environment-conflicts-realtimehost-1',
      { environment: 'sandbox', realtimeHost: 'custom.realtime.com' },
    ],
  ] as const)
    utsCase(`rest/unit/${id}`, 'environment is refused, which is not the name of a host here', () => {
      expect(() => newAuth({ key: KEY, ...options } as never)).toThrow(
        expect.objectContaining({ code: 40003, message: expect.stringContaining('environment') as string }),
      );
    });

  for (const [id, options] of [
    ['REC1b1/endpoint-conflicts-resthost-1', { endpoint: 'test', restHost: 'custom.host.com' }],
    ['REC1b1/endpoint-conflicts-realtimehost-2', { endpoint: 'test', realtimeHost: 'custom.realtime.com' }],
    ['REC1b1/endpoint-conflicts-fallback-default-3', { endpoint: 'test', fallbackHostsUseDefault: true }],
    [
      'REC2a1/fallback-hosts-conflicts-use-default-0',
      { fallbackHosts: ['fb1.example.com'], fallbackHostsUseDefault: true },
    ],
  ] as const)
    utsCase(`rest/unit/${id}`, 'options that contradict each other are refused', () =>
      refusedTogether(options),
    );

  contradictedCase(
    'rest/unit/REC1c2/environment-sets-primary-domain-0',
    'environment is the platform of a client: endpoint names the host',
    async () => {
      expect(() => newAuth({ key: KEY, environment: 'sandbox' } as never)).toThrow(
        expect.objectContaining({ code: 40003, remediation: expect.stringContaining('endpoint') as string }),
      );
      await primaryWith({ endpoint: 'sandbox' }, 'sandbox.realtime.ably.net');
    },
  );
});

describe('rest/unit/fallback.md: REC2', () => {
  for (const [id, title, options, hosts] of [
    ['REC2c1/default-fallback-domains-0', 'by default', {}, [PRIMARY, fallbacksOf('main')]],
    [
      'REC2a2/custom-fallback-hosts-0',
      'by fallbackHosts',
      { fallbackHosts: ['fb1.example.com', 'fb2.example.com'] },
      [PRIMARY, ['fb1.example.com', 'fb2.example.com']],
    ],
    [
      'REC2c2/explicit-hostname-no-fallbacks-0',
      'none for a host name',
      { endpoint: 'custom.ably.example.com' },
      ['custom.ably.example.com'],
    ],
    [
      'REC2c3/nonprod-fallback-domains-0',
      'by a nonprod policy',
      { endpoint: 'nonprod:staging' },
      ['staging.realtime.ably-nonprod.net', fallbacksOf('staging', 'ably-realtime-nonprod.com')],
    ],
    [
      'REC2c4/production-endpoint-fallback-domains-0',
      'by a policy',
      { endpoint: 'test' },
      ['test.realtime.ably.net', fallbacksOf('test')],
    ],
    [
      'REC2c6/custom-resthost-no-fallbacks-0',
      'none for restHost',
      { restHost: 'custom.rest.example.com' },
      ['custom.rest.example.com'],
    ],
    [
      'REC2c6/custom-realtimehost-no-fallbacks-1',
      'none for realtimeHost',
      { realtimeHost: 'custom.realtime.example.com' },
      ['custom.realtime.example.com'],
    ],
  ] as const)
    utsCase(`rest/unit/${id}`, `the fallback hosts are ${title}`, () =>
      expectHosts([failing], options, hosts),
    );

  contradictedCase(
    'rest/unit/REC2b/fallback-hosts-use-default-0',
    'fallbackHostsUseDefault is unknown: fallbackHosts names the hosts',
    async () => {
      refusedTogether({ restHost: 'custom.host.com', fallbackHostsUseDefault: true });
      const options = { restHost: 'custom.host.com', fallbackHosts: fallbacksOf('main') };
      await expectHosts([failing], options, ['custom.host.com', fallbacksOf('main')]);
    },
  );

  contradictedCase(
    'rest/unit/REC2c5/production-environment-fallback-domains-0',
    'environment is the platform of a client: the fallback hosts are those of endpoint',
    () =>
      expectHosts([failing], { endpoint: 'sandbox' }, ['sandbox.realtime.ably.net', fallbacksOf('sandbox')]),
  );
});

describe('rest/unit/fallback.md: REC3', () => {
  /** Whether a connection whose host fails goes on to a fallback host, and what it asked before. */
  async function checked(answer: () => Answer, options: object = {}) {
    const clock = new VirtualClock();
    const http = new MockHttp(answer);
    const opened: string[] = [];
    class Unreachable {
      onclose: (() => void) | null = null;
      constructor(url: string) {
        opened.push(new URL(url).hostname);
        queueMicrotask(() => this.onclose?.());
      }
      send(): void {}
      close(): void {}
    }
    const connection = new RealtimeConnection({
      clock,
      fetch: http.fetch,
      WebSocket: Unreachable as never,
      autoConnect: false,
      ...options,
    });
    const auth = newAuth({ token: 'a token', clock, fetch: http.fetch, connection });
    connection.connect();
    await clock.advance(0);
    await clock.advance(0);
    auth.dispose();
    connection.close();
    return { asked: http.requests.map(({ url }) => url.href), isReachable: opened.length > 1 };
  }

  utsCase(
    'rest/unit/REC3a/default-connectivity-check-url-0',
    'a page of Ably is asked whether there is a network',
    async () => {
      const { asked } = await checked(() => text('yes'));
      expect(asked[0]).toBe('https://internet-up.ably-realtime.com/is-the-internet-up.txt');
    },
  );

  utsCase(
    'rest/unit/REC3b/custom-connectivity-check-url-0',
    'connectivityCheckUrl names another',
    async () => {
      const url = 'https://custom.example.com/connectivity';
      const { asked } = await checked(() => text('yes'), { connectivityCheckUrl: url });
      expect(new Set(asked)).toEqual(new Set([url]));
    },
  );

  utsCase(
    'rest/unit/REC3/connectivity-check-validation-0',
    'only the answer "yes" stands for a network',
    async () => {
      const no: readonly (() => Answer)[] = [
        () => text('no'),
        () => text(''),
        () => text('Not Found', 'text/plain', 404),
        () => new TypeError('fetch failed'),
      ];
      expect((await checked(() => text('yes'))).isReachable).toBe(true);
      for (const answer of no) expect((await checked(answer)).isReachable).toBe(false);
    },
  );
});
