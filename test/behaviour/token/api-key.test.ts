import { describe, expect, it } from 'vitest';
import { parseApiKey } from '../../../src/token/api-key.js';

describe('an API key', () => {
  it('a key is split at its first colon', () => {
    expect(parseApiKey('app.key:secret')).toEqual({ name: 'app.key', secret: 'secret' });
    expect(parseApiKey('app.key:sec:ret:')).toEqual({ name: 'app.key', secret: 'sec:ret:' });
  });

  it.each([
    ['no colon', 'app.key'],
    ['no name', ':secret'],
    ['no secret', 'app.key:'],
    ['nothing', ''],
    ['a space in it', 'app.key: secret'],
    ['a line end after it', 'app.key:secret\n'],
    ['another type', 5],
    ['null for a key', null],
    ['an object for a key', { name: 'app.key', secret: 'secret' }],
  ])('a key with %s is refused', (_what, key) => {
    expect(() => parseApiKey(key)).toThrow(expect.objectContaining({ code: 40005, statusCode: 400 }));
  });

  it('the error does not repeat the key', () => {
    expect(() => parseApiKey('app.key: s3cr3t')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cr3t') }),
    );
  });
});
