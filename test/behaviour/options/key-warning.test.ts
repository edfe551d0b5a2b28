import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const warned: string[] = [];
const log = (message: string, level: string) => {
  if (level === 'warn') warned.push(message);
};

async function fresh() {
  vi.resetModules();
  const { Auth } = await import('../../../src/index.js');
  const { RealtimeConnection } = await import('../../../src/connection/index.js');
  return { Auth, RealtimeConnection };
}

beforeEach(() => {
  warned.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('an API key in a page', () => {
  it('a key in a page is warned of once, with the name of the option and without the key', async () => {
    vi.stubGlobal('document', {});
    const { Auth, RealtimeConnection } = await fresh();
    new Auth({ key: 'app.key:secret', logHandler: log }).dispose();
    new Auth({ key: 'app.key:secret', logHandler: log }).dispose();
    new RealtimeConnection({ key: 'app.key:secret', logHandler: log, autoConnect: false }).dispose();
    expect(warned).toEqual([expect.stringMatching(/^the option key has an API key in it/)]);
    expect(warned.join()).not.toContain('secret');
  });

  it('a key of a connection in a page is warned of', async () => {
    vi.stubGlobal('document', {});
    const { RealtimeConnection } = await fresh();
    new RealtimeConnection({ key: 'app.key:secret', logHandler: log, autoConnect: false }).dispose();
    expect(warned).toHaveLength(1);
  });

  it('a key outside of a page is not warned of, nor is a page without a key', async () => {
    const { Auth } = await fresh();
    new Auth({ key: 'app.key:secret', logHandler: log }).dispose();
    vi.stubGlobal('document', {});
    new Auth({ authUrl: 'https://example.com/token', logHandler: log }).dispose();
    expect(warned).toEqual([]);
  });
});

describe('auth.on()', () => {
  it.each([
    ['a name that is none', 'authorised', /^unknown event "authorised"/],
    ['an inherited name', 'toString', /^unknown event "toString"/],
    ['a symbol', Symbol('x'), /^unknown event of type symbol/],
    ['nothing', undefined, /^unknown event of type undefined/],
  ])('auth.on() refuses %s and names the known events', async (_what, name, message) => {
    const { Auth } = await fresh();
    const auth = new Auth({ authUrl: 'https://example.com/token' });
    expect(() => auth.on(name as 'state', () => {})).toThrow(
      expect.objectContaining({
        code: 40003,
        message: expect.stringMatching(message),
        remediation: expect.stringContaining('renewal.failed'),
      }),
    );
    auth.dispose();
  });

  it('auth.on() refuses a listener that is not a function, by its name', async () => {
    const { Auth } = await fresh();
    const auth = new Auth({ authUrl: 'https://example.com/token' });
    expect(() => auth.on('state', null as never)).toThrow(
      expect.objectContaining({ code: 40003, message: 'listener is null, not a function' }),
    );
    auth.dispose();
  });
});
