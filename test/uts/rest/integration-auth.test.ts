import { describe, expect, vi } from 'vitest';
import type { TokenParams } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { ACK, HOUR, NACK, publish, sandboxed, signedJwt } from './sandboxed.js';

const PATH = '/channels/test/messages';

describe('rest/integration/auth.md', () => {
  utsCase('rest/integration/RSA4/basic-auth-key-0', 'is let in with its key', async () => {
    const { keyStr, newAuth } = sandboxed();
    expect((await newAuth({ key: keyStr }).fetch(PATH)).status).toBe(200);
  });

  utsCase('rest/integration/RSA8/token-auth-jwt-0', 'is let in with a JWT', async () => {
    const { clock, key, newAuth } = sandboxed();
    const jwt = signedJwt(key, { issued: clock.now(), expires: clock.now() + HOUR });
    expect((await newAuth({ token: jwt }).fetch(PATH)).status).toBe(200);
  });

  utsCase(
    'rest/integration/RSA8/token-auth-native-1',
    'is let in with a token that a key holder asked for',
    async () => {
      const { clock, keyStr, newAuth } = sandboxed();
      const { token, expires } = await newAuth({ key: keyStr }).requestToken();
      expect(token).toMatch(/./);
      expect(expires).toBeGreaterThan(clock.now());
      expect((await newAuth({ token }).fetch(PATH)).status).toBe(200);
    },
  );

  utsCase(
    'rest/integration/RSA8/auth-callback-token-request-2',
    'exchanges the TokenRequest of its authCallback',
    async () => {
      const { sandbox, key, keyStr, newAuth } = sandboxed();
      const issuer = newAuth({ key: keyStr });
      const auth = newAuth({ authCallback: (params) => issuer.createTokenRequest(params) });
      expect((await auth.fetch(PATH)).status).toBe(200);
      expect(sandbox.requests.map(({ path, status }) => [path, status])).toEqual([
        [`/keys/${key.keyName}/requestToken`, 201],
        [PATH, 200],
      ]);
    },
  );

  utsCase(
    'rest/integration/RSA8/auth-callback-jwt-3',
    'is let in with a JWT of its authCallback',
    async () => {
      const { clock, sandbox, key, newAuth } = sandboxed();
      const authCallback = vi.fn(async ({ clientId, ttl }: TokenParams) =>
        signedJwt(key, { clientId, issued: clock.now(), expires: clock.now() + (ttl ?? HOUR) }),
      );
      expect((await newAuth({ authCallback }).fetch(PATH)).status).toBe(200);
      expect(authCallback).toHaveBeenCalledTimes(1);
      expect(sandbox.requests.map(({ path }) => path)).toEqual([PATH]);
    },
  );

  utsCase(
    'rest/integration/RSA4/invalid-credentials-rejected-1',
    'is refused with a key there is not',
    async () => {
      const { appId, newAuth } = sandboxed();
      const response = await newAuth({ key: `${appId}.invalidKey:invalidSecret` }).fetch(PATH);
      expect(response.status).toBe(401);
      expect(response.headers.get('x-ably-errorcode')).toBe('40400');
      expect(await response.json()).toMatchObject({ error: { code: 40400, statusCode: 401 } });
    },
  );

  utsCase(
    'rest/integration/RSC10/token-renewal-expired-jwt-0',
    'gets another JWT where the first has expired',
    async () => {
      const { clock, sandbox, key, newAuth } = sandboxed();
      const lives = [-5_000, HOUR];
      const authCallback = vi.fn(async () =>
        signedJwt(key, { issued: clock.now() - HOUR, expires: clock.now() + (lives.shift() ?? HOUR) }),
      );
      const response = await newAuth({ authCallback }).fetch(PATH);
      expect(response.status).toBe(200);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(sandbox.requests.map(({ status }) => status)).toEqual([401, 200]);
    },
  );

  utsCase(
    'rest/integration/RSA8/capability-restriction-4',
    'may do on each channel what its JWT says, and no more',
    async () => {
      const all = sandboxed();
      const { clock, key, newAuth, connect } = all;
      const token = signedJwt(key, {
        capability: { allowed: ['publish', 'subscribe'] },
        issued: clock.now(),
        expires: clock.now() + HOUR,
      });
      const { connection } = await connect({ token });
      const message = { name: 'test', data: 'hello' };
      expect(await publish(all, connection, 'allowed', message)).toMatchObject({ action: ACK });
      expect(await publish(all, connection, 'denied', message)).toMatchObject({
        action: NACK,
        error: { code: 40160, statusCode: 401 },
      });
      // Over REST too: 40160 is not a token error, so no other token is requested (RSC10).
      const response = await newAuth({ token }).fetch('/channels/denied/messages');
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 40160, statusCode: 401 } });
    },
  );
});
