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

describe('a lazy Auth', () => {
  it('reading a method makes no client', () => {
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

  it('a lazy Auth has every member of an Auth and returns the results of the client', async () => {
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

  it('a lazy Auth calls the overridden members of a subclass', async () => {
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
  it('the owner keeps its client when it is unmounted and mounted in one task', async () => {
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

  it('late calls after disposal are answered by the disposed client, and no client is made', async () => {
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

  it('a first call after disposal makes no client', async () => {
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

  it('the owner makes another client when it is mounted again later', async () => {
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

describe('the value of a client for components', () => {
  it('the value is the same object until it changes', async () => {
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

  it('a component is told that a token is gone, although the stream emits nothing', async () => {
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

  it('a subscription ends with the client', async () => {
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
    // A later subscriber gets the value at once.
    expect(externalValue(source, stateReading).current()).toMatchObject({ value: 'idle', error: null });
  });

  it('a subscription ends with a client that is disposed of in the middle of a step', async () => {
    const { create } = world();
    const client = create();
    const state = externalValue({ auth: client, made: client }, stateReading);
    const seen: unknown[] = [];
    state.subscribe(() => seen.push(state.current().value));
    client.on('authorized', () => client.dispose());
    await client.getToken().catch(() => {});
    expect(seen.at(-1)).toBe('idle');
  });

  it('the clientId is reported as soon as it is known', async () => {
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
