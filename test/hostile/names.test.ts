import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/cli/program.js';
import { Auth, type ClientOptions, type TokenParams } from '../../src/index.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

const KEY = 'appId.keyId:secret';
const CAPABILITY = '{"chat":["subscribe"]}';

/** Names that are within two letters of a name of TokenParams, or in another case. */
const MISTYPED: Readonly<Record<string, string>> = {
  capabilty: 'capability',
  Capability: 'capability',
  CAPABILITY: 'capability',
  capabillity: 'capability',
  clientID: 'clientId',
  clientid: 'clientId',
  client_id: 'clientId',
  cliendId: 'clientId',
  TTL: 'ttl',
  ttls: 'ttl',
  tl: 'ttl',
  ttlMs: 'ttl',
  timestmap: 'timestamp',
  timeStamp: 'timestamp',
  Nonce: 'nonce',
  once: 'nonce',
};
/** Names of an application's own. */
const OWN = ['room', 'device', 'role', 'url', 'x', 'userName', 'scope', '_'];

const params = (name: string): TokenParams => ({ [name]: CAPABILITY }) as TokenParams;

function client(options: ClientOptions): Auth {
  const auth = new Auth({ logLevel: 'none', clock: new VirtualClock(), ...options });
  onTestFinished(() => auth.dispose());
  return auth;
}

const calls = ['requestToken', 'authorize', 'createTokenRequest'] as const;

describe('a key as the only source', () => {
  it.each([...Object.keys(MISTYPED), ...OWN])(
    'every call refuses the unknown TokenParam %s',
    async (name) => {
      const requests: string[] = [];
      const fetch = async (url: string) => {
        requests.push(url);
        return new Response('{}');
      };
      const auth = client({ key: KEY, fetch });
      for (const call of calls) {
        await expect(auth[call](params(name))).rejects.toMatchObject({
          code: 40003,
          message: `unknown TokenParam "${name}"`,
          remediation:
            MISTYPED[name] === undefined
              ? expect.stringContaining('A key signs ttl, capability, clientId, timestamp, nonce.')
              : `Did you mean "${MISTYPED[name]}"?`,
        });
      }
      expect(() => client({ key: KEY, defaultTokenParams: params(name) })).toThrow(
        `unknown TokenParam "${name}"`,
      );
      expect(requests).toEqual([]);
      expect(auth.state.value).toBe('idle');
    },
  );

  it('a call that gives a key instead of the source of the client refuses stored TokenParams of that source', async () => {
    const auth = client({ authCallback: async () => 'a-token', defaultTokenParams: params('room') });
    await auth.authorize();
    await expect(auth.requestToken(undefined, { key: KEY })).rejects.toMatchObject({ code: 40003 });
  });

  it('an unknown TokenParam without a value is ignored', async () => {
    const auth = client({ key: KEY });
    const request = await auth.createTokenRequest({ capabilty: undefined } as TokenParams);
    expect(request.keyName).toBe('appId.keyId');
  });
});

describe('a source of the application', () => {
  const sources: Readonly<Record<string, ClientOptions>> = {
    'an authCallback': { authCallback: async () => 'a-token' },
    'a key and an authCallback': { key: KEY, authCallback: async () => 'a-token' },
    'an authUrl': {
      authUrl: 'https://example.com/token',
      fetch: async () => new Response('a-token', { headers: { 'content-type': 'text/plain' } }),
    },
  };

  it.each(Object.entries(sources))('%s refuses a mistyped TokenParam', async (_what, options) => {
    for (const [name, meant] of Object.entries(MISTYPED)) {
      await expect(client(options).authorize(params(name))).rejects.toMatchObject({
        code: 40003,
        message: `unknown TokenParam "${name}"`,
        remediation: `Did you mean "${meant}"?`,
      });
    }
  });

  it.each(Object.entries(sources))('%s receives names of the application', async (_what, options) => {
    for (const name of OWN) expect((await client(options).authorize(params(name))).token).toBe('a-token');
  });
});

describe('the token endpoint', () => {
  const auth = () => client({ key: KEY });
  const capability = { chat: ['subscribe' as const] };

  it.each(Object.entries(MISTYPED))('a request with the parameter %s is refused', async (name, meant) => {
    const endpoint = tokenEndpoint({ auth: auth(), grant: () => ({ capability }) });
    const query = new URLSearchParams({ [name]: CAPABILITY });
    for (const request of [
      new Request(`https://example.com/?${query}`),
      new Request('https://example.com/', { method: 'POST', body: query }),
    ]) {
      const response = await endpoint(request);
      expect(response.status).toBe(400);
      const { error } = (await response.json()) as { error: { code: number; message: string } };
      expect(error).toMatchObject({ code: 40003, message: `unknown TokenParam "${name}"` });
      expect(meant).toBeDefined();
    }
  });

  it('a request with parameters of the application is answered', async () => {
    const endpoint = tokenEndpoint({ auth: auth(), grant: () => ({ capability }) });
    for (const name of OWN)
      expect((await endpoint(new Request(`https://example.com/?${name}=1`))).status).toBe(200);
  });

  it.each(['capabilty', 'Capability', 'clientid', 'TTL', 'rights', 'revocationkey', 'claim'])(
    'a grant with the unknown field %s gives no token',
    async (name) => {
      const endpoint = tokenEndpoint({
        auth: auth(),
        grant: () => ({ capability, [name]: 'x' }),
        onError: () => {},
      } as never);
      expect((await endpoint(new Request('https://example.com/'))).status).toBe(500);
    },
  );

  it.each(['Grant', 'authorise', 'formats', 'corss'])(
    'an endpoint is not made with the option %s',
    (name) => {
      expect(() =>
        tokenEndpoint({ auth: auth(), grant: () => ({ capability }), [name]: 1 } as never),
      ).toThrow(`unknown option "${name}"`);
    },
  );
});

describe('the command', () => {
  async function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let [out, err] = ['', ''];
    const code = await run(args, '0.0.0', {
      ...{ env: { LATCHKEY_KEY: KEY }, stdin: async () => null, clock: new VirtualClock() },
      ...{ fetch: async () => new Response('{}'), signal: new AbortController().signal },
      out: (text: string) => {
        out += text;
      },
      err: (text: string) => {
        err += text;
      },
    } as never);
    return { code, out, err };
  }

  it.each(['token', 'request', 'jwt'])('%s issues nothing for an unknown or empty option', async (name) => {
    for (const args of [
      ['--capabilty', CAPABILITY],
      ['--Capability', CAPABILITY],
      ['--cap', CAPABILITY],
      ['--capability', ''],
      ['--capability', ' '],
      ['--clientId', 'ada'],
      ['--client-id', ''],
      ['--ttl', ''],
      ['extra'],
    ]) {
      const { code, out, err } = await command(name, ...args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).not.toBe('');
    }
  });
});
