import { afterEach, describe, expect } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { ablyError, json, MockHttp } from '../mock-http.js';

const key = 'appId.keyName:keySecret';
const alice = { type: 'clientId', value: 'alice' } as const;
const bob = { type: 'clientId', value: 'bob' } as const;
const aliceRevoked = {
  target: 'clientId:alice',
  issuedBefore: 1_700_000_000_000,
  appliesAt: 1_700_000_001_000,
};
const refused = (target: string) => ({
  target,
  error: { code: 40000, statusCode: 400, message: 'Invalid target type' },
});

describe('revokeTokens', () => {
  let auth: Auth | undefined;
  /** A client with the key, whose server answers each request with `body`. */
  const setUp = (body: unknown = [aliceRevoked], options: ClientOptions = { key }) => {
    const http = new MockHttp(() => json(body));
    auth = new Auth({ ...options, fetch: http.fetch });
    return { auth, http, sent: () => JSON.parse(http.requests[0]?.body ?? '') as Record<string, unknown> };
  };

  afterEach(() => auth?.dispose());

  utsCase('rest/unit/RSA17g/sends-post-correct-path-0', 'posts to the path of the key', async () => {
    const { auth, http } = setUp();
    await auth.revokeTokens([alice]);
    expect(http.requests).toHaveLength(1);
    expect(http.requests[0]?.method).toBe('POST');
    expect(http.requests[0]?.url.pathname).toBe('/keys/appId.keyName/revokeTokens');
  });

  utsCase('rest/unit/RSA17b/single-specifier-targets-0', 'sends one target as a list of one', async () => {
    const { auth, http } = setUp();
    await auth.revokeTokens([alice]);
    await auth.revokeTokens(alice);
    const bodies = http.requests.map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([{ targets: ['clientId:alice'] }, { targets: ['clientId:alice'] }]);
  });

  utsCase('rest/unit/RSA17b/multiple-specifier-types-1', 'joins type and value of each target', async () => {
    const targets = ['clientId:alice', 'revocationKey:group-1', 'channel:secret'];
    const { auth, sent } = setUp(targets.map((target) => ({ ...aliceRevoked, target })));
    await auth.revokeTokens([
      alice,
      { type: 'revocationKey', value: 'group-1' },
      { type: 'channel', value: 'secret' },
    ]);
    expect(sent().targets).toEqual(targets);
  });

  utsCase('rest/unit/RSA17c/all-success-result-0', 'counts what was revoked', async () => {
    const { auth } = setUp([aliceRevoked, { ...aliceRevoked, target: 'clientId:bob' }]);
    const result = await auth.revokeTokens([alice, bob]);
    expect(result).toMatchObject({ successCount: 2, failureCount: 0 });
    expect(result.results).toHaveLength(2);
  });

  utsCase('rest/unit/RSA17c/mixed-success-failure-1', 'counts successes and failures apart', async () => {
    const results = [aliceRevoked, refused('invalidType:abc')];
    const { auth } = setUp({ successCount: 1, failureCount: 1, results });
    const result = await auth.revokeTokens([alice, bob]);
    expect(result).toMatchObject({ successCount: 1, failureCount: 1 });
    expect(result.results).toHaveLength(2);
  });

  utsCase('rest/unit/RSA17c/all-failure-result-2', 'resolves where every target failed', async () => {
    const results = [refused('invalidType:foo'), refused('invalidType:bar')];
    const { auth } = setUp({ successCount: 0, failureCount: 2, results });
    const result = await auth.revokeTokens([alice, bob]);
    expect(result).toMatchObject({ successCount: 0, failureCount: 2 });
    expect(result.results).toHaveLength(2);
  });

  utsCase('rest/unit/TRS2/success-result-attributes-0', 'tells when a revocation applies', async () => {
    const { auth } = setUp();
    expect((await auth.revokeTokens([alice])).results[0]).toEqual(aliceRevoked);
  });

  utsCase('rest/unit/TRF2/failure-result-attributes-0', 'tells why a target failed', async () => {
    const { auth } = setUp({ successCount: 0, failureCount: 1, results: [refused('invalidType:abc')] });
    const [failure] = (await auth.revokeTokens([alice])).results;
    expect(failure?.target).toBe('invalidType:abc');
    const error = failure !== undefined && 'error' in failure ? failure.error : undefined;
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).toMatchObject({ code: 40000, statusCode: 400 });
    expect(error?.message).toContain('Invalid target type');
  });

  utsCase('rest/unit/RSA17d/token-auth-revoke-rejected-0', 'is refused with a token, unasked', async () => {
    const { auth, http } = setUp([], { token: 'a.token.string' });
    await expect(auth.revokeTokens([alice])).rejects.toMatchObject({ code: 40162, statusCode: 401 });
    expect(http.requests).toHaveLength(0);
  });

  utsCase(
    'rest/unit/RSA17d/use-token-auth-revoke-rejected-1',
    'is refused with useTokenAuth, unasked',
    async () => {
      const { auth, http } = setUp([], { key, useTokenAuth: true });
      await expect(auth.revokeTokens([alice])).rejects.toMatchObject({ code: 40162, statusCode: 401 });
      expect(http.requests).toHaveLength(0);
    },
  );

  utsCase('rest/unit/RSA17e/issued-before-included-0', 'sends issuedBefore', async () => {
    const { auth, sent } = setUp();
    await auth.revokeTokens([alice], { issuedBefore: 1_699_999_000_000 });
    expect(sent().issuedBefore).toBe(1_699_999_000_000);
  });

  utsCase('rest/unit/RSA17e/issued-before-omitted-1', 'sends no issuedBefore of its own', async () => {
    const { auth, sent } = setUp();
    await auth.revokeTokens([alice]);
    expect(sent()).not.toHaveProperty('issuedBefore');
  });

  utsCase('rest/unit/RSA17f/reauth-margin-included-0', 'sends allowReauthMargin', async () => {
    const { auth, sent } = setUp();
    await auth.revokeTokens([alice], { allowReauthMargin: true });
    expect(sent().allowReauthMargin).toBe(true);
  });

  utsCase('rest/unit/RSA17f/reauth-margin-omitted-1', 'sends no allowReauthMargin of its own', async () => {
    const { auth, sent } = setUp();
    await auth.revokeTokens([alice]);
    expect(sent()).not.toHaveProperty('allowReauthMargin');
  });

  utsCase('rest/unit/RSA17f/both-options-together-2', 'sends both options', async () => {
    const { auth, sent } = setUp();
    const options = { issuedBefore: 1_699_999_000_000, allowReauthMargin: true };
    await auth.revokeTokens([alice], options);
    expect(sent()).toEqual({ targets: ['clientId:alice'], ...options });
  });

  utsCase('rest/unit/RSA17/server-error-propagated-0', 'rejects with what the server says', async () => {
    const http = new MockHttp(() => ablyError(50000, 500, 'Internal error'));
    auth = new Auth({ key, fetch: http.fetch });
    await expect(auth.revokeTokens([alice])).rejects.toMatchObject({ code: 50000, statusCode: 500 });
  });

  utsCase('rest/unit/RSA17/request-uses-basic-auth-0', 'authenticates with the key', async () => {
    const { auth, http } = setUp();
    await auth.revokeTokens([alice]);
    expect(http.requests[0]?.headers.get('authorization')).toBe(`Basic ${btoa(key)}`);
  });
});
