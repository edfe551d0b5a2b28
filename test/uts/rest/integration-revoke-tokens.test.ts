import { describe, expect } from 'vitest';
import { ErrorInfo, type TokenDetails } from '../../../src/index.js';
import { contradictedCase, utsCase } from '../case.js';
import { HOUR, type Sandboxed, sandboxed, signedJwt } from './sandboxed.js';

const MINUTE = 60_000;

/** Checks that a connection with only that token ended when the token was revoked (RTN15h1). */
async function expectEnded(
  { clock, newAuth }: Sandboxed,
  { changes }: Awaited<ReturnType<Sandboxed['connect']>>,
  token: TokenDetails,
): Promise<void> {
  await clock.advance(MINUTE);
  expect(changes.map(({ current }) => current)).toEqual([
    'connecting',
    'connected',
    'disconnected',
    'failed',
  ]);
  expect(changes.at(-1)?.reason).toMatchObject({
    code: 40171,
    statusCode: 401,
    cause: { code: 40141, statusCode: 401 },
  });
  await expect(newAuth({ token }).fetch('/channels/test/messages')).rejects.toMatchObject({ code: 40171 });
}

describe('rest/integration/revoke_tokens.md', () => {
  contradictedCase(
    'rest/integration/RSA17g/revoke-token-prevents-use-0',
    'ends by 40141 what goes by a revoked token; without means to renew that ends in failed, not in disconnected (RTN15h1)',
    async () => {
      const all = sandboxed({ revocableTokens: true });
      const { clock, sandbox, key, keyStr, newAuth, connect } = all;
      const issuer = newAuth({ key: keyStr });
      const token = await issuer.requestToken({ clientId: 'revoke-client' });
      const other = await issuer.requestToken({ clientId: 'somebody else' });
      const connected = await connect({ token });
      expect(connected.connection.state).toBe('connected');

      const result = await issuer.revokeTokens([{ type: 'clientId', value: 'revoke-client' }]);
      expect(result).toEqual({
        successCount: 1,
        failureCount: 0,
        results: [
          {
            target: 'clientId:revoke-client',
            issuedBefore: expect.any(Number),
            appliesAt: expect.any(Number),
          },
        ],
      });
      expect(sandbox.requests.at(-1)).toMatchObject({
        method: 'POST',
        path: `/keys/${key.keyName}/revokeTokens`,
      });
      await expectEnded(all, connected, token);

      expect((await newAuth({ token: other }).fetch('/channels/test/messages')).status).toBe(200);
      await clock.advance(1);
      const newer = await issuer.requestToken({ clientId: 'revoke-client' });
      expect((await newAuth({ token: newer }).fetch('/channels/test/messages')).status).toBe(200);
    },
  );

  utsCase(
    'rest/integration/RSA17d/token-auth-revoke-rejected-0',
    'revokes nothing with a token, and sends no request',
    async () => {
      const { clock, sandbox, key, newAuth } = sandboxed({ revocableTokens: true });
      const token = signedJwt(key, { issued: clock.now(), expires: clock.now() + HOUR });
      const failure: unknown = await newAuth({ token })
        .revokeTokens([{ type: 'clientId', value: 'anyone' }])
        .catch((thrown: unknown) => thrown);
      expect(failure).toBeInstanceOf(ErrorInfo);
      expect(failure).toMatchObject({ code: 40162, statusCode: 401 });
      expect(sandbox.requests).toEqual([]);
    },
  );

  utsCase(
    'rest/integration/RSA17e/issued-before-reauth-margin-0',
    'revokes only what was issued before a time, and grants 30 s more',
    async () => {
      const { keyStr, newAuth } = sandboxed({ revocableTokens: true });
      const auth = newAuth({ key: keyStr });
      const serverTime = await auth.time();
      const issuedBefore = serverTime - 20 * MINUTE;
      const { token } = await auth.requestToken({ clientId: 'revoke-margin-client' });
      const { successCount, results } = await auth.revokeTokens(
        [{ type: 'clientId', value: 'revoke-margin-client' }],
        { issuedBefore, allowReauthMargin: true },
      );
      expect(successCount).toBe(1);
      expect(results).toHaveLength(1);
      expect(results[0]).toMatchObject({ issuedBefore });
      const { appliesAt } = results[0] as { appliesAt: number };
      // The case says "more than", which only the time between its two requests makes true.
      expect(appliesAt).toBeGreaterThanOrEqual(serverTime + 30_000);
      expect((await newAuth({ token }).fetch('/channels/test/messages')).status).toBe(200);
    },
  );

  contradictedCase(
    'rest/integration/RSA17c/mixed-success-failure-0',
    'tells of each target by itself; a connection without means to renew ends in failed, not in disconnected (RTN15h1)',
    async () => {
      const all = sandboxed({ revocableTokens: true });
      const { keyStr, newAuth, connect } = all;
      const issuer = newAuth({ key: keyStr });
      const token = await issuer.requestToken({ clientId: 'revoke-mixed-client' });
      const connected = await connect({ token });
      expect(connected.connection.state).toBe('connected');

      const { successCount, failureCount, results } = await issuer.revokeTokens([
        { type: 'clientId', value: 'revoke-mixed-client' },
        { type: 'invalidType' as 'clientId', value: 'abc' },
      ]);
      expect([successCount, failureCount, results.length]).toEqual([1, 1, 2]);
      expect(results[0]).toEqual({
        target: 'clientId:revoke-mixed-client',
        issuedBefore: expect.any(Number),
        appliesAt: expect.any(Number),
      });
      const { target, error } = results[1] as { target: string; error: ErrorInfo };
      expect(target).toBe('invalidType:abc');
      expect(error).toBeInstanceOf(ErrorInfo);
      expect(error.statusCode).toBe(400);
      await expectEnded(all, connected, token);
    },
  );
});
