import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { Auth, isErrorInfo } from '../../../src/index.js';
import { AuthProvider, useAuth, useAuthState, useClientId, useToken } from '../../../src/react/index.js';
import { scriptedSource, VirtualClock } from '../../../src/testing/index.js';
import { App } from '../../browser/react-app.js';

const Shows = () => {
  const auth = useAuth();
  const { value, error } = useAuthState();
  return createElement('p', null, `${value} ${useToken()} ${useClientId()} ${error} ${typeof auth.getToken}`);
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
