import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Auth } from '../../../src/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { nodeListener } from '../../../src/server/listener.node.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { ADA, EndpointUnderTest, KEY, NOW } from '../../kit/token-endpoint-harness.js';

const HEX_OF_SEVENS = '07'.repeat(16);
const sevens = (count: number) => new Uint8Array(count).fill(7);
const grant = () => ADA;

afterEach(() => vi.unstubAllGlobals());

/** The body of the request for a token, and the service's answers. */
function service() {
  const sent: Record<string, unknown>[] = [];
  const fetch = async (address: string, { body }: RequestInit) => {
    if (address.endsWith('/time')) return Response.json([NOW + 5_000]);
    sent.push(JSON.parse(String(body)));
    return Response.json({ token: 'a-token', expires: NOW + 600_000, issued: NOW, capability: '{}' });
  };
  return { sent, fetch };
}

describe('the answer of a token endpoint', () => {
  it('the answer is a Response of the platform, which the servers of Bun and Deno need', async () => {
    const response = await new EndpointUnderTest().endpoint(new Request('https://example.com/token'));
    expect(Object.getPrototypeOf(response)).toBe(Response.prototype);
    const { endpoint } = new EndpointUnderTest();
    for (const method of ['OPTIONS', 'PUT']) {
      const other = await endpoint(new Request('https://example.com/token', { method }));
      expect(Object.getPrototypeOf(other)).toBe(Response.prototype);
    }
  });

  it('the answer is a Response of the listener if nodeListener() made the request', async () => {
    const arePlatforms: boolean[] = [];
    const { endpoint } = new EndpointUnderTest();
    const listener = nodeListener(async (request) => {
      const response = await endpoint(request);
      arePlatforms.push(Object.getPrototypeOf(response) === Response.prototype);
      return response;
    });
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/token`);
    expect(answer.status).toBe(200);
    expect(arePlatforms).toEqual([false]);
    server.closeAllConnections();
    server.close();
  });
});

describe('randomBytes of a token endpoint', () => {
  it.each([false, true])(
    'the function makes the nonces of TokenRequests, with queryTime %s',
    async (queryTime) => {
      const auth = new Auth({ key: KEY, queryTime, clock: new VirtualClock(NOW), fetch: service().fetch });
      const { json } = await new EndpointUnderTest({ auth, randomBytes: sevens }).get();
      expect(json.nonce).toBe(HEX_OF_SEVENS);
    },
  );

  it('the function makes the nonces of the requests for tokens', async () => {
    const { sent, fetch } = service();
    const auth = new Auth({ key: KEY, useTokenAuth: false, clock: new VirtualClock(NOW), fetch });
    const endpoint = new EndpointUnderTest({ auth, format: 'token', randomBytes: sevens });
    expect((await endpoint.get()).json.token).toBe('a-token');
    expect(sent).toMatchObject([{ nonce: HEX_OF_SEVENS, clientId: 'ada' }]);
  });

  it('the default is the option of the client', async () => {
    const auth = new Auth({ key: KEY, clock: new VirtualClock(NOW), randomBytes: sevens });
    expect((await new EndpointUnderTest({ auth }).get()).json.nonce).toBe(HEX_OF_SEVENS);
  });

  it('must be a function', () => {
    const auth = new Auth(KEY);
    expect(() => tokenEndpoint({ auth, grant, randomBytes: 7 as never })).toThrow(
      /randomBytes is 7, not a function/,
    );
  });
});

describe('a platform without what a token endpoint needs', () => {
  const auth = new Auth({ key: KEY, useTokenAuth: false });

  it.each([
    ['crypto', 'token-request', 'there is no source of random bytes', 'Pass one as the option randomBytes.'],
    ['crypto', 'token', 'there is no source of random bytes', 'Pass one as the option randomBytes.'],
    ['Response', 'token-request', 'there is no Response on this platform', 'Load a polyfill of it first.'],
  ] as const)(
    'without %s an endpoint of the format %s is refused when it is made',
    (name, format, message, remediation) => {
      vi.stubGlobal(name, undefined);
      expect(() => tokenEndpoint({ auth, grant, format })).toThrow(
        expect.objectContaining({ code: 40003, message: expect.stringContaining(message), remediation }),
      );
    },
  );

  it('without crypto and TextEncoder an endpoint signs a JWT', async () => {
    const make = () => tokenEndpoint({ auth, grant, format: 'jwt' });
    const ask = async () => (await (await make()(new Request('https://example.com/token'))).json()).token;
    for (const name of ['crypto', 'TextEncoder']) vi.stubGlobal(name, undefined);
    const token = await ask();
    vi.unstubAllGlobals();
    const secret = new TextEncoder().encode(KEY.slice(KEY.indexOf(':') + 1));
    const { payload } = await jwtVerify(token, secret);
    expect(payload['x-ably-clientId']).toBe('ada');
  });

  it('an endpoint without crypto is made with the option randomBytes', async () => {
    vi.stubGlobal('crypto', undefined);
    const endpoint = tokenEndpoint({ auth, grant, format: 'token-request', randomBytes: sevens });
    const response = await endpoint(new Request('https://example.com/token'));
    expect(await response.json()).toMatchObject({ nonce: HEX_OF_SEVENS });
  });
});
