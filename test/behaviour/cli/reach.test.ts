import { describe, expect, it } from 'vitest';
import { reachOf } from '../../../src/cli/reach.js';

const URL_ = 'https://user:hush@api.example.com:8443/token?pass=hush';

/** What Node's `fetch` throws: the cause has the code. */
const failed = (code: string, message = '') =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });

describe('reachOf', () => {
  it.each([
    ['ECONNREFUSED', 'api.example.com:8443 refuses connections: nothing listens there'],
    ['ENOTFOUND', 'there is no host api.example.com: DNS does not know it'],
    ['EAI_AGAIN', 'api.example.com cannot be looked up: DNS does not answer'],
    ['EHOSTUNREACH', 'api.example.com:8443 cannot be reached from this network'],
    ['ENETUNREACH', 'api.example.com:8443 cannot be reached from this network'],
    ['ECONNRESET', 'api.example.com:8443 closes the connection without an answer'],
    ['UND_ERR_SOCKET', 'api.example.com:8443 closes the connection without an answer'],
    ['ETIMEDOUT', 'api.example.com:8443 does not answer in time'],
    ['UND_ERR_CONNECT_TIMEOUT', 'api.example.com:8443 does not answer in time'],
    ['UND_ERR_HEADERS_TIMEOUT', 'api.example.com:8443 does not answer in time'],
    ['HPE_INVALID_CONSTANT', 'what answers at api.example.com:8443 does not use HTTP'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'api.example.com:8443 does not use TLS'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'TLS with api.example.com:8443 fails'],
    ['EPROTO', 'TLS with api.example.com:8443 fails'],
    ['CERT_HAS_EXPIRED', 'the TLS certificate of api.example.com:8443 has expired'],
    ['CERT_NOT_YET_VALID', 'the TLS certificate of api.example.com:8443 is not valid yet'],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'the TLS certificate of api.example.com:8443 is not for api.example.com',
    ],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the TLS certificate of api.example.com:8443 is signed by itself'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'the TLS certificate of api.example.com:8443 is signed by itself'],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'this machine does not know who issued the TLS certificate of api.example.com:8443',
    ],
    [
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'this machine does not know who issued the TLS certificate of api.example.com:8443',
    ],
    ['ESOMETHING', 'no server answers at https://api.example.com:8443'],
  ])('%s means: %s', (code, observed) => {
    const reach = reachOf(failed(code), URL_);
    expect(reach.observed).toBe(`${observed} (${code})`);
    expect(reach.remedy).toMatch(/^[A-Z].+\.$/);
    expect(JSON.stringify(reach)).not.toContain('hush');
  });

  it.each([
    [
      'Bun',
      Object.assign(new Error('Unable to connect.'), { code: 'ConnectionRefused' }),
      'refuses connections',
    ],
    [
      'Deno',
      new TypeError(
        'error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)',
      ),
      'refuses connections',
    ],
    [
      'Deno without the host',
      new TypeError('error sending request: dns error: failed to lookup address information'),
      'DNS',
    ],
  ])('the error of %s is known by its words', (_title, thrown, words) => {
    expect(reachOf(thrown, URL_).observed).toContain(words);
  });

  it('the error of a host with several addresses is known by its parts', () => {
    const parts = [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })];
    const thrown = new TypeError('fetch failed', { cause: new AggregateError(parts) });
    expect(reachOf(thrown, URL_).observed).toContain('refuses connections');
  });

  it.each([[undefined], [null], ['a text'], [42], [{}], [{ cause: { code: 7, message: {} } }]])(
    'what is no error, %j, has words too',
    (thrown) => {
      expect(reachOf(thrown, URL_).observed).toBe('no server answers at https://api.example.com:8443');
    },
  );

  it('an error that is its own cause ends the search', () => {
    const thrown = new Error('around');
    thrown.cause = thrown;
    expect(reachOf(thrown, URL_).observed).toContain('no server answers');
  });
});
