import type { Writable } from 'node:stream';

/**
 * Whoever reads what is printed may have read enough, as `head` does: the program ends without a word.
 *
 * @param end called once nobody reads any more
 */
export function endWithReader(output: Writable, end: () => void): void {
  output.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
    end();
  });
}
