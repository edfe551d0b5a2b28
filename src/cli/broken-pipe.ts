import type { Writable } from 'node:stream';

/**
 * Ends the program without an error message when the reader of its output has closed the pipe, as `head`
 * does.
 *
 * @param end called when the pipe is closed
 */
export function endWithReader(output: Writable, end: () => void): void {
  output.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
    end();
  });
}
