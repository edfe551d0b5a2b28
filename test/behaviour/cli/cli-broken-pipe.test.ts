import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { endWithReader } from '../../../src/cli/broken-pipe.js';

const failingWith = (code: string) =>
  new Writable({ write: (_text, _encoding, done) => done(Object.assign(new Error(code), { code })) });

describe('what a program prints', () => {
  it('ends it quietly when nobody reads any more', async () => {
    const output = failingWith('EPIPE');
    const end = vi.fn();
    endWithReader(output, end);
    output.write('a line\n');
    await new Promise(setImmediate);
    expect(end).toHaveBeenCalledOnce();
  });

  it('is not given up for another failure, which is told as ever', () => {
    const output = failingWith('EIO');
    const end = vi.fn();
    endWithReader(output, end);
    expect(() => output.emit('error', Object.assign(new Error('EIO'), { code: 'EIO' }))).toThrow('EIO');
    expect(end).not.toHaveBeenCalled();
  });
});
