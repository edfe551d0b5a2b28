import { describe, expect, it, vi } from 'vitest';
import { Auth } from '../../../src/index.js';
import { ClientOwner } from '../../../src/react/client-owner.js';
import { externalValue } from '../../../src/react/external-value.js';
import { lazyAuth } from '../../../src/react/lazy-auth.js';
import { clientIdReading, stateReading, tokenReading } from '../../../src/react/readings.js';
import { scriptedSource, settle, VirtualClock } from '../../../src/testing/index.js';

function world() {
  const clock = new VirtualClock();
  const source = scriptedSource(clock);
  const renewal = { spread: 0, jitter: 0 };
  const { authCallback } = source;
  const create = vi.fn(() => new Auth({ authCallback, clientId: 'ada', clock, renewal }));
  return { clock, source, create };
}

describe('an Auth made when it is used', () => {
  it('is not made by looking at its methods', () => {
    const { create } = world();
    const auth = lazyAuth(create);
    const { authorize, getToken } = auth;
    expect(auth).toBeInstanceOf(Auth);
    expect([typeof authorize, typeof getToken, typeof auth[Symbol.dispose]]).toEqual([
      'function',
      'function',
      'function',
    ]);
    expect(create).not.toHaveBeenCalled();
  });

  it('has each member an Auth has, and hands on what they give', async () => {
    const { create } = world();
    const client = create();
    const auth = lazyAuth(() => client);
    for (const name of Reflect.ownKeys(Auth.prototype)) expect(Reflect.has(auth, name)).toBe(true);
    const { authorize } = auth;
    const token = await authorize();
    expect(auth.tokenDetails).toBe(token);
    expect(client.tokenDetails).toBe(token);
    expect(auth.state.value).toBe('authorized');
    expect(JSON.stringify(auth)).toBe('{"clientId":"ada","state":"authorized"}');
    client.dispose();
  });

  it('finds what a subclass does differently', async () => {
    const { clock, source } = world();
    class Named extends Auth {
      override get clientId() {
        return 'of the subclass';
      }
    }
    const auth = lazyAuth(() => new Named({ authCallback: source.authCallback, clock }));
    expect(auth.clientId).toBe('of the subclass');
  });
});

describe('the owner of a client', () => {
  it('keeps it when it is unmounted and mounted in one task', async () => {
    const { create } = world();
    const owner = new ClientOwner(create);
    const unmount = owner.mount();
    await owner.auth.authorize();
    unmount();
    owner.mount();
    await settle();
    expect(owner.auth.state.value).toBe('authorized');
    await expect(owner.auth.getToken()).resolves.toBeDefined();
    expect(create).toHaveBeenCalledTimes(1);
    owner.auth.dispose();
  });

  it('answers late calls with the client that is over, and makes no other', async () => {
    const { create, clock } = world();
    const owner = new ClientOwner(create);
    const unmount = owner.mount();
    await owner.auth.authorize();
    unmount();
    await settle();
    await expect(owner.auth.authorize()).rejects.toMatchObject({ code: 80017 });
    expect(create).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });

  it('makes none for a first call that comes after the end', async () => {
    const { create, clock } = world();
    const owner = new ClientOwner(create);
    owner.mount()();
    await settle();
    await expect(owner.auth.getToken()).rejects.toMatchObject({ code: 80017 });
    await expect(owner.auth.authorize()).rejects.toMatchObject({ code: 80017 });
    owner.auth.forget();
    expect(owner.auth.state.value).toBe('idle');
    expect(create).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
    owner.mount();
    await expect(owner.auth.getToken()).resolves.toBeDefined();
    owner.auth.dispose();
  });

  it('makes another when it is mounted again later', async () => {
    const { create } = world();
    const owner = new ClientOwner(create);
    const unmount = owner.mount();
    await owner.auth.authorize();
    unmount();
    await settle();
    const end = owner.mount();
    expect(owner.made).toBeUndefined();
    await expect(owner.auth.authorize()).resolves.toBeDefined();
    expect(create).toHaveBeenCalledTimes(2);
    end();
    await settle();
  });
});

describe('what components see of a client', () => {
  it('is the same object until it is another', async () => {
    const { create, clock } = world();
    const owner = new ClientOwner(create);
    const state = externalValue(owner, stateReading);
    const token = externalValue(owner, tokenReading);
    expect([state.current(), token.current()]).toEqual([state.beforehand(), null]);
    expect(create).not.toHaveBeenCalled();

    let changes = 0;
    const stop = token.subscribe(() => (changes += 1));
    await clock.advance(0);
    expect(changes).toBeGreaterThan(0);
    const [firstState, firstToken] = [state.current(), token.current()];
    expect(firstToken?.token).toBe('scripted-token-1');
    await clock.advance(10_000);
    expect(state.current()).toBe(firstState);
    expect(token.current()).toBe(firstToken);
    await clock.advance(60_000);
    expect(token.current()?.token).toBe('scripted-token-2');

    stop();
    const heard = changes;
    await owner.auth.authorize();
    expect(changes).toBe(heard);
    owner.auth.dispose();
  });

  it('tells when a token is gone, which the stream does not', async () => {
    const { create, clock } = world();
    const owner = new ClientOwner(create);
    const token = externalValue(owner, tokenReading);
    const seen: (string | undefined)[] = [];
    token.subscribe(() => seen.push(token.current()?.token));
    await clock.advance(0);
    owner.auth.forget();
    expect(seen.at(-1)).toBeUndefined();
    expect(seen).toContain('scripted-token-1');
    owner.auth.dispose();
  });

  it('ends with the client', async () => {
    const { create } = world();
    const client = create();
    const source = { auth: client, made: client };
    const [state, token] = [externalValue(source, stateReading), externalValue(source, tokenReading)];
    const seen: unknown[] = [];
    state.subscribe(() => seen.push([state.current().value, state.current().reason]));
    token.subscribe(() => {});
    await client.getToken();
    client.dispose();
    expect(seen.at(-1)).toEqual(['idle', 'the client was disposed of']);
    expect(token.current()).toBeNull();
    expect(state.current()).toBe(state.current());
    // And at once, for whoever comes later.
    expect(externalValue(source, stateReading).current()).toMatchObject({ value: 'idle', error: null });
  });

  it('ends with a client that is disposed of in the middle of a step', async () => {
    const { create } = world();
    const client = create();
    const state = externalValue({ auth: client, made: client }, stateReading);
    const seen: unknown[] = [];
    state.subscribe(() => seen.push(state.current().value));
    client.on('authorized', () => client.dispose());
    await client.getToken().catch(() => {});
    expect(seen.at(-1)).toBe('idle');
  });

  it('tells who the client is as soon as that is known', async () => {
    const clock = new VirtualClock();
    const client = new Auth({
      authCallback: async () => ({
        token: 'of-grace',
        issued: clock.now(),
        expires: clock.now() + 60_000,
        clientId: 'grace',
      }),
      clock,
    });
    const clientId = externalValue({ auth: client, made: client }, clientIdReading);
    const seen: (string | null)[] = [clientId.current()];
    clientId.subscribe(() => seen.push(clientId.current()));
    await client.authorize();
    expect(seen).toEqual([null, 'grace']);
    client.dispose();
  });
});
