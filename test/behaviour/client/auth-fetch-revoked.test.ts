import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import { SandboxHarness } from '../../kit/sandbox-harness.js';

/** A client without a connection, that has sent a request. */
async function used(options: (harness: SandboxHarness) => ClientOptions) {
  const harness = new SandboxHarness();
  const { clock, sandbox } = harness;
  const auth = new Auth({
    clock,
    fetch: sandbox.fetch,
    random: () => 0.5,
    logLevel: 'none',
    ...options(harness),
  });
  onTestFinished(() => auth.dispose());
  expect((await auth.fetch('/channels/a/messages')).status).toBe(200);
  await clock.advance(60_000);
  return { harness, auth };
}

describe('auth.fetch() after the key was revoked', () => {
  it('a client whose only source is the key has no token any more', async () => {
    const { harness, auth } = await used(({ key }) => ({ key: key.keyStr, useTokenAuth: true }));
    harness.sandbox.revokeKey(harness.key.keyName);
    await expect(auth.fetch('/channels/a/messages')).rejects.toMatchObject({ code: 40131 });
    expect(auth.state).toMatchObject({ value: 'failed', error: { code: 40131, reason: 'revoked' } });
    expect(auth.tokenDetails).toBeNull();
  });

  it('a source that signs with the next key goes on', async () => {
    let keys = 0;
    const { harness, auth } = await used((one) => {
      const second = one.sandbox.createApp().keys[0]?.keyStr;
      const issuers = [one.key.keyStr, second].map((key) => new Auth({ key: key ?? '', clock: one.clock }));
      for (const issuer of issuers) onTestFinished(() => issuer.dispose());
      return { authCallback: async () => await (issuers[keys] as Auth).createTokenRequest() };
    });
    keys = 1;
    harness.sandbox.revokeKey(harness.key.keyName);
    expect((await auth.fetch('/channels/a/messages')).status).toBe(200);
    expect(auth.state.value).toBe('authorized');
  });

  it('a source that goes on signing with the key: no refused token stays in use, and the source is asked slowly', async () => {
    let asked = 0;
    const { harness, auth } = await used((one) => ({
      authCallback: async () => {
        asked += 1;
        return one.jwt({ jti: asked });
      },
    }));
    harness.sandbox.revokeKey(harness.key.keyName);
    const refused: string[] = [];
    for (let calls = 0; calls < 20; calls += 1) {
      await expect(auth.fetch('/channels/a/messages')).rejects.toMatchObject({ code: 40131 });
      await settle();
      refused.push(auth.state.value);
      await harness.clock.advance(1_000);
    }
    expect(refused.slice(1)).not.toContain('authorized');
    expect(asked).toBeLessThan(8);
  });
});
