import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret, SecretToken } from '../../../src/token/secret.js';

const SECRET = 's3cr3t';

describe('a Secret', () => {
  const box = new Secret({ key: SECRET }, 'key');

  it('expose() returns the same object', () => {
    const content = { key: SECRET };
    expect(new Secret(content).expose()).toBe(content);
  });

  it('the text of a Secret has only its label', () => {
    expect([`${box}`, JSON.stringify({ box }), inspect(box), String(new Secret(SECRET))]).toEqual([
      '[key]',
      '{"box":"[key]"}',
      '[key]',
      '[secret]',
    ]);
  });

  it.each<[string, (box: Secret<unknown>) => unknown]>([
    ['printed', (one) => format('%s %o %O %j', one, one, one, one)],
    ['inspected to the ground', (one) => inspect({ one }, { depth: null, showHidden: true, getters: true })],
    ['inspected against its will', (one) => inspect(one, { customInspect: false, showHidden: true })],
    ['spread', (one) => JSON.stringify({ ...one })],
    ['cloned', (one) => inspect(structuredClone(one))],
    ['listed', (one) => JSON.stringify([Reflect.ownKeys(one), Object.getOwnPropertyDescriptors(one)])],
  ])('the value stays hidden when a Secret is %s', (_how, show) => {
    expect(show(box)).not.toContain(SECRET);
  });
});

describe('a SecretToken', () => {
  it('a SecretToken shows everything but the token', () => {
    const box = new SecretToken({ token: SECRET, clientId: 'ada', expires: 60_000 });
    expect(JSON.stringify(box)).toBe('{"token":"[token]","clientId":"ada","expires":60000}');
    expect([`${box}`, inspect(box)]).toEqual(['[token]', '[token]']);
    expect(box.expose().token).toBe(SECRET);
  });
});
