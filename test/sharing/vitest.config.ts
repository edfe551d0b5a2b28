import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const source = { conditions: ['latchkey-source', 'node'] };

/** Separate from the other tests, because these need a Redis that no package provides. */
export default defineConfig({
  root: at('../..'),
  resolve: source,
  ssr: { resolve: source },
  test: {
    name: 'sharing',
    include: ['test/sharing/**/*.test.ts'],
    reporters: ['default', at('../closing-line.reporter.ts')],
    testTimeout: 60_000,
  },
});
