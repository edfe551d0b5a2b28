import { afterEach, describe, expect, it, vi } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { eventually } from '../../kit/eventually.js';

const KEY = 'app.key:secret';

describe('the log', () => {
  const entries = (options: ClientOptions) => {
    const logHandler = vi.fn();
    const auth = new Auth({ logLevel: 'debug', logHandler, ...options });
    return { auth, logHandler };
  };
  afterEach(() => vi.restoreAllMocks());

  it.each<[string, ClientOptions]>([
    ['a token', { token: 'the-token-given' }],
    ['a TokenDetails', { tokenDetails: { token: 'the-token-given' } }],
    [
      'a TokenRequest',
      { token: { keyName: 'a.b', timestamp: 1, nonce: 'the-token-given', mac: 'the-token-given' } },
    ],
  ])(
    'the log says at construction that %s cannot be renewed, with code and link (RSA4a1, TI5)',
    (_what, options) => {
      const { logHandler } = entries(options);
      expect(logHandler.mock.calls).toEqual([
        [
          expect.stringMatching(/40171.*no way to renew.*https:\/\/help\.ably\.io\/error\/40171.*See https:/),
          'info',
        ],
      ]);
      expect(String(logHandler.mock.calls)).not.toContain('the-token-given');
    },
  );

  it.each<[string, ClientOptions]>([
    ['with a key', { token: 't', key: KEY }],
    ['with an authCallback', { token: 't', authCallback: () => 't' }],
    ['without a token', { key: KEY }],
    ['with the key alone in use', { token: 't', key: KEY, useTokenAuth: false }],
  ])('the log says nothing %s', (_what, options) => {
    expect(entries(options).logHandler).not.toHaveBeenCalled();
  });

  it('the log says once that authorise() has another name now (RSA10l)', async () => {
    const { auth, logHandler } = entries({ authCallback: () => 't' });
    await auth.authorise();
    await auth.authorise();
    const warnings = logHandler.mock.calls.filter(([, level]) => level === 'warn');
    expect(warnings).toEqual([[expect.stringContaining('authorize'), 'warn']]);
    auth.dispose();
  });

  it.each([
    ['none', 0],
    ['error', 0],
    ['warn', 0],
    ['info', 1],
    ['debug', 1],
  ] as const)('the log at level %s has %i of the hints', (logLevel, count) => {
    expect(entries({ token: 't', logLevel }).logHandler).toHaveBeenCalledTimes(count);
  });

  it('the default log is the console, from warnings up', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {});
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const auth = new Auth({ token: 't' });
    expect(info).not.toHaveBeenCalled();
    await auth.authorise(null, { token: 'another' });
    expect(warn).toHaveBeenCalledOnce();
    new Auth({ token: 't', logLevel: 'info' });
    expect(info).toHaveBeenCalledOnce();
    auth.dispose();
  });

  it('a throwing log handler does not affect the client', () => {
    const logHandler = () => {
      throw new Error('a fault of the handler');
    };
    expect(new Auth({ token: 't', logLevel: 'info', logHandler }).tokenDetails).toEqual({ token: 't' });
  });
});

describe('authorise', () => {
  it('authorise() has the callback forms of authorize()', async () => {
    const auth = new Auth({ authCallback: () => 't', logLevel: 'none' });
    const callback = vi.fn();
    expect(auth.authorise(callback)).toBeUndefined();
    expect(auth.authorise({ ttl: 1_000 }, callback)).toBeUndefined();
    expect(auth.authorise(null, null, callback)).toBeUndefined();
    await eventually(() => expect(callback).toHaveBeenCalledTimes(3));
    expect(callback).toHaveBeenLastCalledWith(null, { token: 't' });
    auth.dispose();
  });
});
