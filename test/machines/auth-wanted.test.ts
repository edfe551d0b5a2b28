import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/token/secret.js';
import { AuthHarness, failure, forbidden, type Setting } from './auth-harness.js';

const HOUR = 3_600_000;
const refused = { type: 'token.refused', error: failure(40142) } as const;

const authorizeAs = (auth: AuthHarness) => auth.authorize(new Secret('other params'), true);

async function forbiddenFor(setting: Setting = {}): Promise<AuthHarness> {
  const auth = new AuthHarness(setting);
  auth.actor.send({ type: 'token.needed' });
  await auth.refuse(forbidden());
  expect(auth.state).toBe('failed.final.withoutToken');
  return auth;
}

/** Whatever comes, but for a call, it asks no source. */
async function expectSilence(auth: AuthHarness, state: string): Promise<void> {
  const begun = auth.acquisitions.length;
  for (const type of ['network.back', 'token.needed', 'token.asked'] as const) {
    auth.actor.send({ type });
    await auth.clock.advance(HOUR);
  }
  auth.actor.send({ type: 'time.jumped', ms: HOUR });
  await auth.clock.advance(24 * HOUR);
  expect([auth.state, auth.acquisitions.length]).toEqual([state, begun]);
}

describe('what an authorize() with other params leaves behind when it fails', () => {
  it.each([
    ['for now', () => failure(40170)],
    ['for good', () => forbidden()],
    ['as a token error', () => failure(40142)],
  ])(
    'the client stays silent after a final failure: the stored params are forbidden, and it fails %s',
    async (_how, why) => {
      const auth = await forbiddenFor();
      for (let call = 0; call < 2; call += 1) {
        authorizeAs(auth);
        await auth.refuse(why());
        expect(auth.state).toBe('failed.final.withoutToken');
      }
      await expectSilence(auth, 'failed.final.withoutToken');
    },
  );

  it('the client stays silent after a final failure also if a token was needed meanwhile', async () => {
    const auth = await forbiddenFor();
    authorizeAs(auth);
    auth.actor.send({ type: 'token.needed' });
    await auth.refuse();
    await expectSilence(auth, 'failed.final.withoutToken');
  });

  it('the client is idle if no token was needed before', async () => {
    const auth = new AuthHarness();
    authorizeAs(auth);
    await auth.refuse();
    expect([auth.state, auth.acquisitions.length, auth.clock.pending]).toEqual(['idle', 1, 0]);
  });

  it('the client is idle after a token expired that only the server renews', async () => {
    const auth = new AuthHarness({ given: HOUR, renewal: { by: 'server' } });
    await auth.clock.advance(HOUR);
    expect(auth.state).toBe('idle');
    authorizeAs(auth);
    await auth.refuse();
    expect([auth.state, auth.acquisitions.length, auth.clock.pending]).toEqual(['idle', 1, 0]);
  });

  it.each([
    ['it was made with', async () => new AuthHarness({ given: HOUR })],
    [
      'it got after a final failure, by other params',
      async () => {
        const auth = await forbiddenFor();
        authorizeAs(auth);
        await auth.accept(HOUR);
        return auth;
      },
    ],
    [
      'it got by other params, as its first',
      async () => {
        const auth = new AuthHarness();
        authorizeAs(auth);
        await auth.accept(HOUR);
        return auth;
      },
    ],
  ])('the next try follows by itself if the client lost the token that %s', async (_which, make) => {
    const auth = await make();
    authorizeAs(auth);
    auth.actor.send(refused);
    expect(auth.state).toBe('requesting');
    await auth.refuse();
    expect(auth.state).toBe('failed.waiting');
    await auth.clock.advance(auth.context.retryAt - auth.clock.monotonic());
    expect(auth.state).toBe('requesting');
    expect(auth.live[0]?.request.terms).toBe(auth.terms);
  });
});
