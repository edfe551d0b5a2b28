import { describe, expect } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { counting, mocked } from './mocked.js';

describe('a client with a connection', () => {
  utsCase(
    'realtime/unit/RTC12/constructor-string-detection-0',
    'is made from a key, which has a colon, or from a token',
    () => {
      const made = (text: string) => {
        const auth = new Auth(text);
        const { renewable } = auth.explain().inputs;
        const token = auth.tokenDetails?.token ?? null;
        auth.dispose();
        return { renewable, token };
      };
      expect(made('appId.keyId:keySecret')).toEqual({ renewable: true, token: null });
      expect(made('a-token-without-a-colon')).toEqual({ renewable: false, token: 'a-token-without-a-colon' });
      expect(() => made('')).toThrow();
    },
  );

  utsCase(
    'realtime/unit/RTC12/invalid-arguments-error-1',
    'is not made without a way to authenticate: 40106',
    () => {
      for (const options of [{}, { clientId: 'ada' }, { useTokenAuth: true }] as ClientOptions[]) {
        expect(() => new Auth(options)).toThrow(expect.objectContaining({ code: 40106 }));
      }
    },
  );

  utsCase('realtime/unit/RTC4/auth-attribute-0', 'is the Auth that its connection is served by', async () => {
    const one = mocked();
    expect(one.auth).toBeInstanceOf(Auth);
    await one.connected();
    expect(one.server.tokens).toEqual([one.auth.tokenDetails?.token]);
    expect(() => new Auth({ token: 'another', connection: one.connection })).toThrow(
      expect.objectContaining({ code: 40003 }),
    );
  });

  utsCase(
    'realtime/unit/RTC17/client-id-attribute-0',
    'has the name it was given, or confirmed',
    async () => {
      const named = mocked({ authCallback: counting(), clientId: 'explicit-client-id' });
      expect(named.auth.clientId).toBe('explicit-client-id');
      await named.connected();
      expect(named.server.line.url.searchParams.get('clientId')).toBe('explicit-client-id');
      // RTC4a: CONNECTED contains the clientId of a client without one.
      const unnamed = mocked();
      expect(unnamed.auth.clientId).toBeNull();
      unnamed.server.details = { clientId: 'by-the-server' };
      await unnamed.connected();
      expect(unnamed.auth.clientId).toBe('by-the-server');
    },
  );

  utsCase('realtime/unit/RTC6/time-proxies-rest-0', 'asks the server for its time over REST', async () => {
    const http = new MockHttp(() => json([1_704_067_200_000]));
    const { auth } = mocked({ authCallback: counting(), fetch: http.fetch });
    expect(await auth.time()).toBe(1_704_067_200_000);
    expect(http.requests.map(({ method, url }) => [method, url.pathname])).toEqual([['GET', '/time']]);
  });
});
