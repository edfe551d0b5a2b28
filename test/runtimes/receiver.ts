import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Steps } from './row.js';

const LONGEST_MS = 180_000;

/** Where a page sends what became of its job, for browsers that no program can look into. */
export async function receiver(): Promise<{ readonly report: string; readonly outcome: Promise<Steps> }> {
  let settle: (steps: Steps) => void;
  let fail: (error: Error) => void;
  const outcome = new Promise<Steps>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    response.end();
    settle(JSON.parse(text) as Steps);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const limit = setTimeout(() => fail(new Error(`nothing within ${LONGEST_MS} ms`)), LONGEST_MS);
  const over = () => {
    clearTimeout(limit);
    server.closeAllConnections();
    server.close();
  };
  outcome.then(over, over);
  return { report: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, outcome };
}
