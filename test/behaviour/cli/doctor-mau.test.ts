import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { examine } from '../../../src/cli/doctor/examine.js';
import { run } from '../../../src/cli/program.js';
import { Auth } from '../../../src/index.js';
import { createSandbox, type KeyInfo } from '../../../src/sandbox/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { waitedFor } from '../../kit/short-waits.js';
import { KEY, NOW } from '../../kit/token-endpoint-harness.js';

const capability = { 'chat:*': ['subscribe'] };
let count = 0;
const signed = async (key: KeyInfo, claims: object) => {
  const iat = NOW / 1_000;
  count += 1;
  return await new SignJWT({ 'x-ably-capability': JSON.stringify(capability), jti: `${count}`, ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: key.keyName })
    .setIssuedAt(iat)
    .setExpirationTime(iat + 3_600)
    .sign(new TextEncoder().encode(key.keySecret));
};

type Claims = Readonly<Record<string, string>>;
const ada = { 'x-ably-clientId': 'ada' };
const server = { 'x-ably-clientType': 'server' };

/** A JWT, or a TokenRequest for `request`; what its client is; and the findings with their codes. */
const cases: readonly [
  title: string,
  token: Claims | 'request',
  type: 'device' | 'server',
  clientId: string | undefined,
  findings: readonly (readonly [check: string, code: number | undefined])[],
][] = [
  ['a device with a clientId', ada, 'device', 'ada', []],
  ['a device with a TokenRequest', 'request', 'device', 'ada', []],
  ['a device without a clientId', {}, 'device', undefined, [['device clientId', 40012]]],
  [
    'a device that names no clientId',
    { 'x-ably-clientId': '*' },
    'device',
    undefined,
    [['device clientId', 40012]],
  ],
  ['a device that names its own clientId', { 'x-ably-clientId': '*' }, 'device', 'ada', []],
  [
    'a device with the claim of a server',
    { ...ada, ...server },
    'device',
    'ada',
    [['client type', undefined]],
  ],
  ['a server with the claim', server, 'server', undefined, []],
  ['a server without the claim', ada, 'server', 'ada', [['client type', 40167]]],
  [
    'a server with another claim',
    { 'x-ably-clientType': 'device' },
    'server',
    undefined,
    [['client type', 40167]],
  ],
  ['a server with a TokenRequest', 'request', 'server', 'ada', [['client type', 40167]]],
];

describe('doctor --mau', () => {
  it.each(cases)(
    '%s: the report says what the sandbox refuses',
    async (_title, token, mau, clientId, found) => {
      const clock = new VirtualClock(NOW);
      const sandbox = createSandbox({ clock, pricing: 'mau' });
      const [key] = sandbox.createApp().keys as [KeyInfo];
      const issuer = new Auth({ key: key.keyStr, clock, fetch: sandbox.fetch });
      const answer = async () =>
        token === 'request'
          ? JSON.stringify(await issuer.createTokenRequest({ clientId: 'ada', capability }))
          : await signed(key, token);
      const isJson = token === 'request';
      const headers = {
        'content-type': isJson ? 'application/json' : 'text/plain',
        'cache-control': 'no-store',
      };
      const report = examine(
        {
          url: 'https://api.example.com/token',
          method: 'GET',
          headers: {},
          params: {},
          origin: undefined,
          clientId,
          mau,
        },
        {
          clock,
          timeoutMs: 10_000,
          serviceTime: async () => clock.now(),
          fetch: async () => new Response(await answer(), { headers }),
        },
      );
      const { checks } = await waitedFor(report, clock);
      const ofMau = checks.filter(({ check }) => check === 'client type' || check === 'device clientId');
      expect(ofMau.length).toBe(mau === 'device' ? 2 : 1);
      const problems = ofMau.filter(({ level }) => level === 'problem');
      expect(problems.map(({ check, error }) => [check, error?.code])).toEqual(found);
      for (const { remedy } of problems) expect(remedy).toMatch(/\w/);

      // The account of the sandbox agrees.
      const held = isJson
        ? (await issuer.requestToken({ clientId: 'ada', capability })).token
        : await signed(key, token);
      const query = { accessToken: held, clientType: mau, ...(clientId === undefined ? {} : { clientId }) };
      const code = await new Promise((resolve) => {
        const socket = new sandbox.WebSocket(`wss://any.example/?${new URLSearchParams(query)}`);
        socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)).error?.code);
      });
      expect(code).toBe(found[0]?.[1]);
      await sandbox.dispose();
    },
  );

  it.each([
    [['--mau'], 3, 'device clientId'],
    [['--mau', 'server'], 3, 'client type'],
    [['--mau', 'robot'], 2, '--mau must be device or server'],
    [['--mau', 'server', '--origin', 'https://a.example'], 2, '--mau server and --origin must not'],
    [[], 0, 'capability'],
  ])('the command with %j exits with %i', async (flags, expected, text) => {
    const clock = new VirtualClock(NOW);
    const auth = new Auth({ key: KEY, clock });
    let said = '';
    const print = (line: string) => {
      said += line;
    };
    const code = await run(['doctor', 'https://api.example.com/token', ...flags], '1.2.3', {
      ...{ out: print, err: print, env: {}, stdin: async () => null, clock },
      fetch: async () => {
        const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
        return new Response(JSON.stringify(await auth.createTokenRequest({ capability })), { headers });
      },
      signal: new AbortController().signal,
    });
    expect([code, said]).toEqual([expected, expect.stringContaining(text)]);
  });
});
