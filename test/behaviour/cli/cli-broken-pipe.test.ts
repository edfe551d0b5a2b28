import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { endWithReader } from '../../../src/cli/broken-pipe.js';

const failingWith = (code: string) =>
  new Writable({ write: (_text, _encoding, done) => done(Object.assign(new Error(code), { code })) });

describe('the output of a program', () => {
  it('a closed pipe ends the program without an error', async () => {
    const output = failingWith('EPIPE');
    const end = vi.fn();
    endWithReader(output, end);
    output.write('a line\n');
    await new Promise(setImmediate);
    expect(end).toHaveBeenCalledOnce();
  });

  it('another failure of the output is thrown', () => {
    const output = failingWith('EIO');
    const end = vi.fn();
    endWithReader(output, end);
    expect(() => output.emit('error', Object.assign(new Error('EIO'), { code: 'EIO' }))).toThrow('EIO');
    expect(end).not.toHaveBeenCalled();
  });
});
