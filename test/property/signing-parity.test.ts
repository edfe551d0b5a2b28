import * as Ably from 'ably';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Auth, type TokenParams } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { hmacSigner as nobleSigner } from '../../src/signing/hmac.noble.js';
import { hmacSigner as nodeSigner } from '../../src/signing/hmac.node.js';

const CASES = 10_000;
const SEED = 20_261_124;

/** Lone surrogates, alone or by chance together. UTF-8 has no bytes for a lone one. */
const halves = fc
  .array(fc.constantFrom('\ud83d', '\ude00', '\ud800', 'a', 'é'), { minLength: 1, maxLength: 6 })
  .map((units) => units.join(''));
const operations = ['subscribe', 'publish', 'presence', 'history', 'stats', 'push-subscribe'];
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  halves,
  fc.constantFrom('é\u0301', '𝒳', '日本', ' '),
);
const channel = fc.oneof(
  text,
  fc.nat(5_000_000_000).map(String),
  fc.constantFrom('1', '10', '9', '01', '-1', '4294967295', '*', 'a:*', '[queue]q'),
);
const capability = fc.dictionary(channel, fc.uniqueArray(fc.constantFrom(...operations), { minLength: 1 }), {
  minKeys: 1,
  noNullPrototype: true,
});
const nonce = fc.stringMatching(/^[a-zA-Z0-9]{16,40}$/);
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const nullable = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null, freq: 20 });

const params = fc.record(
  {
    ttl: optional(nullable(fc.integer({ min: 1, max: 86_400_000 }))),
    capability: optional(
      nullable(
        fc.oneof(
          { weight: 10, arbitrary: capability },
          { weight: 10, arbitrary: capability.map((one) => JSON.stringify(one)) },
          { weight: 1, arbitrary: fc.constant('') },
        ),
      ),
    ),
    clientId: optional(
      nullable(
        fc.oneof(
          // A clientId with line breaks is not signed.
          text.filter((one) => one !== '' && !one.includes('\n')),
          fc.constant('*'),
        ),
      ),
    ),
    timestamp: fc.integer({ min: 1, max: 4_102_444_800_000 }),
    nonce,
  },
  { requiredKeys: ['timestamp', 'nonce'] },
) as fc.Arbitrary<TokenParams & { timestamp: number; nonce: string }>;

/** The same without undefined fields, as a caller would leave them out. */
const given = (all: object): object =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));

/** How both may write an absent field: absent, null, or an empty string. */
const told = (request: object): object =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null && value !== ''));

describe('the signature of a TokenRequest', () => {
  it(`the signature equals that of the ably package, for ${CASES} random TokenParams`, async () => {
    const key = 'app.key:a-secret-with-ünïcode-𝒳';
    const latchkey = new Auth(key);
    const ably = new Ably.Rest({ key, logLevel: 0 });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(params, async (all) => {
        // Each has its own copy, because ably sorts the operations of its caller in place.
        const [mine, copy] = [structuredClone(given(all)), structuredClone(given(all))];
        const ours = await latchkey.createTokenRequest(mine);
        expect(mine).toEqual(given(all));
        const theirs = await ably.auth.createTokenRequest(copy as Ably.TokenParams);
        compared += 1;
        expect(ours.mac).toBe(theirs.mac);
        expect(ours).toEqual(told(theirs));
      }),
      { numRuns: CASES, seed: SEED },
    );
    console.log(`signature parity: ${compared} macs equal to those of the ably package`);
  });

  it(`the sandbox accepts the signature, for ${CASES} random TokenParams`, async () => {
    const sandbox = createSandbox();
    const [key] = sandbox.createApp({ keys: [{ capability: { '[*]*': ['*'] } }] }).keys;
    const auth = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(params, async ({ timestamp: _now, nonce: _own, ...all }) => {
        const request = await auth.createTokenRequest(given(all));
        const url = `https://sandbox/keys/${request.keyName}/requestToken`;
        const response = await sandbox.fetch(url, { method: 'POST', body: JSON.stringify(request) });
        const answer = (await response.json()) as { expires: number; issued: number; error?: unknown };
        expect(answer.error).toBeUndefined();
        expect(answer.expires - answer.issued).toBe(all.ttl ?? 3_600_000);
        accepted += 1;
      }),
      { numRuns: CASES, seed: SEED },
    );
    console.log(`signature parity: ${accepted} TokenRequests accepted by the sandbox`);
    expect(accepted).toBe(CASES);
  });

  it('both implementations give the same signature, for keys and texts of any length and kind', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
        fc.array(fc.string({ unit: 'binary', maxLength: 2_000 })),
        (secret, texts) => {
          const [node, noble] = [nodeSigner(secret), nobleSigner(secret)];
          for (const one of texts) expect(noble(one)).toBe(node(one));
        },
      ),
      { numRuns: 500, seed: SEED },
    );
  });

  it('the signature is that of RFC 4231, test case 2', () => {
    const cases: [string, string, string][] = [
      [
        'Jefe',
        'what do ya want for nothing?',
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      ],
    ];
    for (const [secret, message, hex] of cases) {
      const expected = Buffer.from(hex, 'hex').toString('base64');
      expect(nodeSigner(secret)(message)).toBe(expected);
      expect(nobleSigner(secret)(message)).toBe(expected);
    }
  });
});
