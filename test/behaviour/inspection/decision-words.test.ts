import { describe, expect, it } from 'vitest';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { type DecisionFacts, inWords } from '../../../src/inspect.js';
import { decisionAt } from '../../../src/studio/ui/moment.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const NOW = 1_700_000_000_000;
const token = { receivedInMs: -48_000, renewInMs: 0, diesInMs: 12_000 };
const decision: DecisionFacts = {
  value: 'authorized',
  rule: 'a token was obtained',
  at: NOW,
  now: NOW,
  error: null,
  attempts: 0,
  acquisitions: 1,
  token,
};
const down = { code: 40170, message: 'the token source answered 503', retryAfterMs: 4_000 };

const cases: readonly (readonly [words: string, Partial<DecisionFacts>])[] = [
  ['Idle: nothing has been asked yet.', { value: 'idle', rule: 'new', token: null }],
  ['Idle: forgotten.', { value: 'idle', rule: 'forgotten', token: null }],
  [
    'Requesting because authorize() was called.',
    { value: 'requesting', rule: 'authorize() was called', token: null },
  ],
  [
    'Requesting because the token in use was refused: token revoked (40141).',
    {
      value: 'requesting',
      rule: 'the token in use was refused',
      error: { code: 40141, message: 'token revoked' },
      token: null,
    },
  ],
  [
    'Authorized: a token was obtained; renews in 48 s, when 80 % of its 60 s have passed.',
    {
      token: { receivedInMs: 0, renewInMs: 48_000, diesInMs: 60_000 },
      next: { step: 'renew', at: NOW + 48_000 },
    },
  ],
  ['Authorized: a token was obtained; nothing is planned by the clock.', {}],
  [
    'Renewing because 80 % of a 60 s life has passed; the current token is valid for another 12 s.',
    { value: 'renewing', rule: 'the renewal is due', next: { step: 'expire', at: NOW + 12_000 } },
  ],
  [
    'Renewing, 80 % of a 60 s life has passed; next try in 4 s: the token source answered 503 (40170), Retry-After 4 s, one try failed.',
    {
      value: 'renewing',
      rule: down.message,
      error: down,
      attempts: 1,
      next: { step: 'retry', at: NOW + 4_000 },
    },
  ],
  [
    'Failed: the token source answered 503 (40170); next try in 30 s, Retry-After 4 s, 5 tries failed.',
    {
      value: 'failed',
      rule: down.message,
      error: down,
      attempts: 5,
      token: null,
      next: { step: 'retry', at: NOW + 30_000 },
    },
  ],
  [
    'Failed: the token source forbids it (40300); no try follows until authorize() is called.',
    {
      value: 'failed',
      rule: 'x',
      error: { code: 40300, message: 'the token source forbids it' },
      attempts: 1,
      token: null,
    },
  ],
];

describe('a decision in words', () => {
  it.each(cases)('%s', (words, change) => {
    expect(inWords({ ...decision, ...change })).toBe(words);
  });

  it.each(['ready', '', 7, null, undefined])('a decision with the state %s is refused', (value) => {
    expect(() => inWords({ ...decision, value: value as never })).toThrow(
      expect.objectContaining({
        code: 40003,
        message: expect.stringMatching(/^decision\.value is .*, not one of idle, requesting, /) as string,
      }),
    );
  });

  it('a client describes its decision, with a countdown that follows the time', async () => {
    const clock = new VirtualClock();
    let isUp = true;
    const auth = new Auth({
      authCallback: async () => {
        if (!isUp) throw new ErrorInfo({ code: 50300, message: 'the backend is down', retryAfterMs: 4_000 });
        return { token: crypto.randomUUID(), issued: clock.now(), expires: clock.now() + 60_000 };
      },
      clock,
      random: () => 0,
      renewal: { spread: 0, jitter: 0 },
    });
    await auth.authorize();
    expect(inWords(auth.explain())).toBe(
      'Authorized: a token was obtained; renews in 48 s, when 80 % of its 60 s have passed.',
    );
    isUp = false;
    await clock.advance(48_000);
    const told = auth.explain();
    expect(inWords(told)).toBe(
      'Renewing, 80 % of a 60 s life has passed; next try in 4 s: the backend is down (50300), Retry-After 4 s, one try failed.',
    );
    expect(inWords(decisionAt(told, told.now + 3_000))).toContain(
      '85 % of a 60 s life has passed; next try in 1 s',
    );
    auth.dispose();
  });
});
