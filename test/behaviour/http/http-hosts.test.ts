import { describe, expect, it } from 'vitest';
import { fallbackHosts } from '../../../src/http/fallback-hosts.js';
import { HostOrder } from '../../../src/http/host-order.js';
import { baseUrl, checkHosts, type HostOptions, primaryHost } from '../../../src/http/hosts.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const letters = (of: (letter: string) => string) => ['a', 'b', 'c', 'd', 'e'].map(of);

describe('hosts', () => {
  it.each<[string, HostOptions, string, readonly string[]]>([
    ['no option', {}, 'main.realtime.ably.net', letters((one) => `main.${one}.fallback.ably-realtime.com`)],
    [
      'the name of a policy',
      { endpoint: 'acme' },
      'acme.realtime.ably.net',
      letters((one) => `acme.${one}.fallback.ably-realtime.com`),
    ],
    [
      'a policy that is not for production',
      { endpoint: 'nonprod:sandbox' },
      'sandbox.realtime.ably-nonprod.net',
      letters((one) => `sandbox.${one}.fallback.ably-realtime-nonprod.com`),
    ],
    ['a host name', { endpoint: 'ably.example.com' }, 'ably.example.com', []],
    ['localhost', { endpoint: 'localhost' }, 'localhost', []],
    ['an IPv6 address', { endpoint: '::1' }, '::1', []],
    ['the former restHost', { restHost: 'rest.example' }, 'rest.example', []],
    ['the former realtimeHost', { realtimeHost: 'rt.example' }, 'rt.example', []],
    ['both former names', { restHost: 'rest.example', realtimeHost: 'rt.example' }, 'rest.example', []],
    [
      'fallbacks beside a host',
      { endpoint: 'a.example', fallbackHosts: ['b.example'] },
      'a.example',
      ['b.example'],
    ],
    ['no fallbacks, explicitly', { fallbackHosts: [] }, 'main.realtime.ably.net', []],
  ])('the hosts with %s are these (REC1, REC2)', (_what, options, primary, fallbacks) => {
    expect(() => checkHosts(options)).not.toThrow();
    expect(primaryHost(options)).toBe(primary);
    expect(fallbackHosts(options)).toEqual(fallbacks);
  });

  it.each<[string, HostOptions, string]>([
    ['a.example', {}, 'https://a.example'],
    ['a.example', { port: 8080 }, 'https://a.example'],
    ['a.example', { tlsPort: 8443 }, 'https://a.example:8443'],
    ['a.example', { tlsPort: 443 }, 'https://a.example'],
    ['a.example', { tls: false, tlsPort: 8443 }, 'http://a.example'],
    ['a.example', { tls: false, port: 8080 }, 'http://a.example:8080'],
    ['::1', { tls: false, port: 8080 }, 'http://[::1]:8080'],
    ['[::1]', {}, 'https://[::1]'],
  ])('the host %s with %o has the address %s', (host, options, address) => {
    expect(baseUrl(host, options)).toBe(address);
  });

  it.each<[string, unknown]>([
    ['a scheme', { endpoint: 'https://a.example' }],
    ['a port', { endpoint: 'a.example:8080' }],
    ['a port at localhost', { endpoint: 'localhost:8080' }],
    ['a port that looks like IPv6', { endpoint: 'cafe:8080' }],
    ['a port at a former name', { restHost: 'a.example:8080' }],
    ['a path', { endpoint: 'a.example/path' }],
    ['a user', { endpoint: 'user@a.example' }],
    ['white space', { endpoint: 'a b' }],
    ['nothing in it', { endpoint: '' }],
    ['an impossible address', { endpoint: '1.2.3.400' }],
    ['an open bracket', { endpoint: '[::1' }],
    ['a host name for a policy', { endpoint: 'nonprod:a.example' }],
    ['a policy in a former name', { realtimeHost: 'nonprod:sandbox' }],
    ['another type', { endpoint: 7 }],
    ['a bad fallback', { fallbackHosts: ['good.example', 'https://bad.example'] }],
    ['a former name beside the new one (REC1b1)', { endpoint: 'a.example', restHost: 'b.example' }],
  ])('hosts with %s are refused', (_what, options) => {
    expect(() => checkHosts(options as HostOptions)).toThrow(
      expect.objectContaining({ name: 'ErrorInfo', code: 40003, remediation: expect.any(String) }),
    );
  });
});

describe('the order of hosts', () => {
  const setUp = (more: object = {}, chance = 0) => {
    const clock = new VirtualClock();
    const fallbacks = { fallbackHosts: ['a.example', 'b.example', 'c.example', 'd.example'] };
    const order = new HostOrder({ ...fallbacks, ...more }, clock, () => chance);
    const hosts = () => [...order.tries()].map(({ host }) => host);
    const first = () => order.tries().next().value?.host;
    /** A request that ends well at this host. */
    const askUntil = (wanted: string) => {
      for (const { host, succeeded } of order.tries()) {
        if (host !== wanted) continue;
        succeeded();
        return;
      }
    };
    return { clock, order, hosts, first, askUntil };
  };
  const PRIMARY = 'main.realtime.ably.net';

  it('the first host is the primary one, then at most three others (RSC15a, TO3l5)', () => {
    expect(setUp().hosts()).toEqual([PRIMARY, 'a.example', 'b.example', 'c.example']);
    expect(setUp({}, 0.99).hosts()).toEqual([PRIMARY, 'd.example', 'c.example', 'b.example']);
    expect(setUp({ httpMaxRetryCount: 1 }).hosts()).toEqual([PRIMARY, 'a.example']);
    expect(setUp({ httpMaxRetryCount: 0 }).hosts()).toEqual([PRIMARY]);
  });

  it('the host that worked stays the first one for ten minutes (RSC15f, TO3l10)', async () => {
    const { clock, hosts, first, askUntil } = setUp();
    askUntil('c.example');
    await clock.advance(599_999);
    expect(first()).toBe('c.example');
    expect(hosts().slice(0, 2)).toEqual(['c.example', PRIMARY]);
    expect(first()).toBe(PRIMARY);
    askUntil('b.example');
    await clock.advance(600_000);
    expect(first()).toBe(PRIMARY);
  });

  it('a host that failed is forgotten, and is asked once in a request', () => {
    const { hosts, first, askUntil } = setUp();
    askUntil('a.example');
    expect(hosts().filter((host) => host === 'a.example')).toHaveLength(1);
    expect(first()).toBe(PRIMARY);
  });

  it('a success does not extend the ten minutes, and a late one does not begin them again', async () => {
    const { clock, order, first, askUntil } = setUp();
    askUntil('a.example');
    await clock.advance(400_000);
    askUntil('a.example');
    const late = order.tries().next().value;
    await clock.advance(200_000);
    expect(first()).toBe(PRIMARY);
    late?.succeeded();
    expect(first()).toBe(PRIMARY);
  });

  it('a slow failure of the host that worked does not forget the one that was found meanwhile', () => {
    const { order, first, askUntil } = setUp();
    askUntil('a.example');
    const slow = order.tries();
    slow.next();
    askUntil('b.example');
    slow.next();
    expect(first()).toBe('b.example');
  });
});
