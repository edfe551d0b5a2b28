import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { Auth, isErrorInfo } from '../../../src/index.js';
import { ClientOwner } from '../../../src/react/client-owner.js';
import {
  AuthProvider,
  useAuth,
  useAuthState,
  useClientId,
  useConnection,
  useConnectionState,
  useToken,
} from '../../../src/react/index.js';
import { fakeConnection, scriptedSource, VirtualClock } from '../../../src/testing/index.js';
import { App } from '../../browser/react-app.js';

const Shows = () => {
  const auth = useAuth();
  const { value, error } = useAuthState();
  return createElement('p', null, `${value} ${useToken()} ${useClientId()} ${error} ${typeof auth.getToken}`);
};

const Reads = () => {
  const auth = useAuth();
  const { clientId, connection, error, state, tokenDetails } = auth;
  const read = [
    clientId,
    connection,
    error,
    state.value,
    tokenDetails,
    useConnection(),
    useConnectionState(),
  ];
  return createElement('p', null, read.map(String).join());
};

function clientOn(clock: VirtualClock) {
  const source = scriptedSource(clock);
  return { source, auth: new Auth({ authCallback: source.authCallback, clientId: 'ada', clock }) };
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

describe('React on a server', () => {
  it('rendering on a server makes no client, whatever components use', () => {
    const create = vi.fn(() => new Auth({ authUrl: '/only-in-a-page' }));
    const html = renderToString(createElement(AuthProvider, { create }, createElement(Shows)));
    expect(html).toBe('<p>idle null null null function</p>');
    expect(create).not.toHaveBeenCalled();
  });

  it('rendering on a server starts nothing in a client that is passed as auth', async () => {
    const clock = new VirtualClock();
    const { source, auth } = clientOn(clock);
    renderToString(createElement(AuthProvider, { auth }, createElement(App)));
    await clock.advance(1_000);
    expect({ timers: clock.pending, asked: source.calls, state: auth.state.value }).toEqual({
      timers: 0,
      asked: 0,
      state: 'idle',
    });
  });

  it('the rendered page contains no token of a client that is passed as auth', async () => {
    const clock = new VirtualClock();
    const { auth } = clientOn(clock);
    const { token } = await auth.authorize();
    const html = renderToString(createElement(AuthProvider, { auth }, createElement(Shows)));
    expect(html).toBe('<p>idle null null null function</p>');
    expect(html).not.toContain(token);
    auth.dispose();
  });

  it('rendering on a server leaves nothing behind that keeps a process alive', () => {
    const before = process.getActiveResourcesInfo();
    const create = () => new Auth({ authUrl: 'https://example.com/token' });
    renderToString(createElement(AuthProvider, { create }, createElement(App)));
    expect(process.getActiveResourcesInfo()).toEqual(before);
  });
});

describe('wrong use of the React hooks', () => {
  it.each([
    ['a hook outside of a provider', () => createElement(Shows)],
    ['a provider without a client', () => createElement(AuthProvider, {} as never)],
  ])('the error says what helps: %s', (_title, element) => {
    const thrown = thrownBy(() => renderToString(element()));
    expect(isErrorInfo(thrown) && thrown.code).toBe(40106);
    expect((thrown as { remediation: string }).remediation).toContain('create');
  });
});

describe('props of an AuthProvider', () => {
  const create = () => new Auth({ authUrl: 'https://example.com/token' });
  const rendered = (props: object) =>
    thrownBy(() => renderToString(createElement(AuthProvider, props as never, createElement(Shows))));

  it.each([null, 0, 7, '', 'auth', true, {}, [], create, Auth, Promise.resolve(), Symbol('auth'), 5n])(
    'auth that cannot be is refused by name: value %#',
    (auth) => {
      expect(rendered({ auth })).toMatchObject({
        code: 40003,
        message: expect.stringMatching(/^auth is .*, not an Auth$/),
      });
    },
  );

  it.each([null, 0, 7, '', 'create', true, {}, [], Promise.resolve(), Symbol('create'), 5n])(
    'create that cannot be is refused by name: value %#',
    (given) => {
      expect(rendered({ create: given })).toMatchObject({
        code: 40003,
        message: expect.stringMatching(/^create is .*, not a function that makes an Auth$/),
      });
    },
  );

  it('both, and neither, are refused by name', () => {
    expect(rendered({ auth: create(), create })).toMatchObject({
      code: 40003,
      message: expect.stringMatching(/both auth and create/),
    });
    expect(rendered({})).toMatchObject({ code: 40106 });
    expect(rendered({ auth: undefined, create: undefined })).toMatchObject({ code: 40106 });
  });

  it.each([undefined, null, 7, 'auth', {}, [], Promise.resolve(create)])(
    'what create returns is refused by name where it is no client: value %#',
    async (made) => {
      const owner = new ClientOwner((() => made) as never);
      owner.place();
      expect(thrownBy(() => owner.auth.getToken())).toMatchObject({
        code: 40003,
        message: expect.stringMatching(/^what create returns is .*, not an Auth$/),
      });
    },
  );
});

describe('a connection in React', () => {
  it('reading it while rendering makes nothing', () => {
    const create = vi.fn(() => new Auth({ authUrl: '/only-in-a-page', connection: fakeConnection }));
    const html = renderToString(createElement(AuthProvider, { create }, createElement(Reads)));
    expect(html).toBe('<p>null,null,null,idle,null,null,null</p>');
    expect(create).not.toHaveBeenCalled();
  });
});
