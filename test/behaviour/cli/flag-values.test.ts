import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const NUMBERS = ['1.5', '99999999999'];
const WORDS = ['-1', '0', ...NUMBERS, 'NaN', 'null', 'undefined', 'true'];
const SPACES = ['', ' '];
const MARKS = ['{}', '[]', 'a b', 'x\ny', '\u0000', 'a:b', 'a=b', 'https://'];
const all = [...SPACES, ...WORDS, ...MARKS];
const but = (...refused: string[]) => all.filter((text) => !refused.includes(text));

const names = { '--client-id': 'clientId', '--endpoint': 'endpoint', '--capability': 'capability' };

/** For each command and flag: the texts that are accepted. */
const flags: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  token: {
    ...{ '--endpoint': WORDS, '--port': [], '--client-id': but('', 'x\ny') },
    ...{ '--capability': ['{}'], '--ttl': ['1.5'] },
  },
  request: { '--client-id': but('', 'x\ny'), '--capability': ['{}'], '--ttl': ['1.5'] },
  jwt: {
    ...{ '--client-id': but('', 'x\ny', '\u0000'), '--capability': [], '--ttl': [] },
    ...{ '--revocation-key': but('', 'x\ny', '\u0000'), '--claim': [] },
  },
  'doctor https://example.com/': {
    ...{ '--origin': [], '--client-id': but(''), '--method': [], '--mau': [] },
    ...{ '--header': ['a:b', 'https://'], '--param': ['a=b'] },
    ...{ '--endpoint': WORDS, '--port': [] },
  },
  'watch https://example.com/ --json': {
    ...{ '--client-id': but(''), '--header': ['a:b', 'https://'], '--param': ['a=b'] },
    ...{ '--for': NUMBERS, '--endpoint': WORDS, '--port': [] },
  },
  'revoke clientId:ada': { '--issued-before': NUMBERS, '--endpoint': WORDS, '--port': [] },
  dev: { '--port': ['0'] },
  sandbox: { '--port': ['0'] },
};

/** Runs a command until it is stopped. */
async function outcome(args: readonly string[]) {
  const stop = new AbortController();
  let err = '';
  const running = run(args, '1.2.3', {
    ...{ out: () => {}, env: { LATCHKEY_KEY: 'app.key:secret' }, stdin: async () => null },
    ...{ clock: new VirtualClock(), signal: stop.signal },
    err: (text) => {
      err += text;
    },
    fetch: () => Promise.reject(new TypeError('fetch failed')),
  });
  stop.abort();
  return { code: await running, err };
}

const cases = Object.entries(flags).flatMap(([command, ofCommand]) =>
  Object.entries(ofCommand).map(([flag, taken]) => ({ command, flag, taken })),
);

describe('a flag of the command', () => {
  it.each(cases)('$command $flag accepts a text, or refuses it by its name with exit code 2', async (one) => {
    const { command, flag, taken } = one;
    for (const text of all.filter((each) => !['dev', 'sandbox'].includes(command) || !taken.includes(each))) {
      const { code, err } = await outcome([...command.split(' '), flag, text]);
      const shown = `${flag} ${JSON.stringify(text)}`;
      if (taken.includes(text)) expect(code, shown).not.toBe(2);
      else {
        expect(code, shown).toBe(2);
        expect(err, shown).toMatch(new RegExp(`${flag}|${names[flag as keyof typeof names]}`));
      }
    }
  });
});
