import { EncryptJWT, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { DISCONNECTED, HOUR, MINUTE, SandboxHarness, SECOND } from '../../kit/sandbox-harness.js';

const PATH = '/channels/a/messages';
const secret = new TextEncoder().encode('a secret of the app, not of this service');
const refusal = (status: number, code: number) => ({ status, body: { error: { code, statusCode: status } } });
const ask = (harness: SandboxHarness, token: string) =>
  harness.get(PATH, { authorization: `Bearer ${Buffer.from(token).toString('base64')}` });
const seconds = (ms: number) => Math.floor(ms / SECOND);

/** An app's own JWT, signed with a secret that this service does not know. */
function jws(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(secret);
}

function jwe(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
  return new EncryptJWT(claims)
    .setProtectedHeader({ alg: 'dir', enc: 'A128CBC-HS256', ...header })
    .encrypt(secret.slice(0, 32));
}

describe('an embedded token', () => {
  it.each(['an Ably token', 'a JWT'])(
    'an embedded token is accepted in the header and in the claims of a JWS: %s',
    async (what) => {
      const harness = new SandboxHarness();
      const inner =
        what === 'a JWT'
          ? harness.jwt({ 'x-ably-clientId': 'ada' })
          : await harness.token({ clientId: 'ada' });
      const exp = seconds(harness.clock.now()) + 60;
      for (const token of [
        await jws({ exp }, { 'x-ably-token': inner }),
        await jws({ exp, 'x-ably-token': inner }),
        await jws({ 'x-ably-token': inner }),
      ]) {
        expect(await ask(harness, token)).toMatchObject({ status: 200 });
        expect((await harness.connect({ accessToken: token })).connected.clientId).toBe('ada');
      }
    },
  );

  it('an embedded token is accepted in the header of a JWE, whose claims are unreadable', async () => {
    const harness = new SandboxHarness();
    const inner = await harness.token();
    const exp = seconds(harness.clock.now() + 24 * HOUR);
    expect(await ask(harness, await jwe({ exp }, { 'x-ably-token': inner }))).toMatchObject({ status: 200 });
    expect(await ask(harness, await jwe({ exp, 'x-ably-token': inner }))).toMatchObject(refusal(401, 40144));
  });

  it('an embedded token must not expire before the outer token, if that can be read', async () => {
    const harness = new SandboxHarness();
    const inner = await harness.token({ ttl: MINUTE });
    const token = (ms: number) => jws({ exp: seconds(harness.clock.now() + ms), 'x-ably-token': inner });
    expect(await ask(harness, await token(MINUTE))).toMatchObject({ status: 200 });
    expect(await ask(harness, await token(MINUTE + SECOND))).toMatchObject(refusal(401, 40144));
  });

  it('an embedded token is valid no longer than the outer one', async () => {
    const harness = new SandboxHarness();
    const exp = seconds(harness.clock.now() + MINUTE);
    const token = await jws({ exp, 'x-ably-token': await harness.token() });
    const client = await harness.connect({ accessToken: token, heartbeats: 'false' });
    await harness.clock.advance(MINUTE);
    expect(client.last).toMatchObject({ action: DISCONNECTED, error: { code: 40142 } });
    expect(await ask(harness, token)).toMatchObject(refusal(401, 40142));
  });

  it('an embedded token is refused by its own rules', async () => {
    const harness = new SandboxHarness();
    const wrap = (inner: unknown) => jws({ 'x-ably-token': inner });
    expect(await ask(harness, await wrap('app.unknown'))).toMatchObject(refusal(401, 40143));
    expect(await ask(harness, await wrap(7))).toMatchObject(refusal(401, 40144));
    expect(await ask(harness, await wrap(harness.jwt({}, {}, 'another')))).toMatchObject(refusal(401, 40144));
    const twice = await wrap(await wrap(await harness.token()));
    expect(await ask(harness, twice)).toMatchObject(refusal(401, 40144));
    const inner = await harness.token();
    const token = await wrap(inner);
    harness.sandbox.revokeTokens();
    expect(await ask(harness, token)).toMatchObject(refusal(401, 40141));
  });
});
