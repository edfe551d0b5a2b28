import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One entry for each subpath export of package.json, and the program behind `npm start`. */
const entries = {
  'src/index': at('src/index.ts'),
  'machines/index': at('machines/index.ts'),
  'src/connection/index': at('src/connection/index.ts'),
  'src/connection/ably-js/index': at('src/connection/ably-js/index.ts'),
  'src/inspect': at('src/inspect.ts'),
  'src/sandbox/index': at('src/sandbox/index.ts'),
  'src/server/index': at('src/server/index.ts'),
  'src/server/listener.node': at('src/server/listener.node.ts'),
  'src/testing/index': at('src/testing/index.ts'),
  'src/react/index': at('src/react/index.ts'),
  'src/cli/start': at('src/cli/start.ts'),
  'src/cli/latchkey': at('src/cli/latchkey.ts'),
  'src/signing/hmac.node': at('src/signing/hmac.node.ts'),
  'src/signing/hmac.noble': at('src/signing/hmac.noble.ts'),
  'src/connection/websocket.node': at('src/connection/websocket.node.ts'),
  'src/connection/websocket.web': at('src/connection/websocket.web.ts'),
};

const library = {
  target: 'es2022',
  outDir: 'dist',
  emptyOutDir: true,
  minify: false,
  sourcemap: true,
  lib: { entry: entries, formats: ['es' as const] },
  rollupOptions: {
    // Packages stay imports; `#hmac` and `#websocket` stay for the consumer's own conditions.
    external: (id: string) => !/^[./]/.test(id) && !id.startsWith(at('.')),
    // 'use client' stays where it is, since modules do; a test looks.
    checks: { moduleLevelDirective: false },
    output: { preserveModules: true, preserveModulesRoot: at('.'), entryFileNames: '[name].js' },
  },
};

/** The page, and the same as a module to be mounted elsewhere: what it is drawn with comes along, bundled. */
const studio = {
  target: 'es2022',
  outDir: at('dist/studio'),
  emptyOutDir: true,
  assetsInlineLimit: 0,
  chunkSizeWarningLimit: 2_000,
  modulePreload: false,
  // Others' code comes along in it, and their terms with it.
  license: { fileName: 'licenses.md' },
  rollupOptions: {
    input: { index: at('src/studio/page/index.html'), studio: at('src/studio/index.ts') },
    // A client brings its own.
    external: [/^xstate(\/|$)/, '#websocket'],
    preserveEntrySignatures: 'strict' as const,
    output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
  },
};

const source = { resolve: { conditions: ['latchkey-source', 'node'] } };
const ssr = { ssr: { resolve: { conditions: ['latchkey-source', 'node'] } } };
const project = (name: string, extra: object = {}) => ({
  ...source,
  ...ssr,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: 'node' as const,
    setupFiles: [at('test/unreachable.ts')],
    ...extra,
  },
});

/** For projects whose time is virtual. */
const loaded = { setupFiles: [at('test/unreachable.ts'), at('test/parts.setup.ts')] };

/** For projects with tests in Chromium: it is unpacked once, before all of them. */
const inChromium = { globalSetup: at('test/browser/chromium.setup.ts') };

export default defineConfig(({ mode }) => ({
  ...source,
  ...ssr,
  ...(mode === 'studio'
    ? { root: at('src/studio/page'), base: './', build: studio, resolve: {} }
    : { build: library }),
  test: {
    // All of them: what a test waits for is seldom the processor.
    maxWorkers: '100%',
    // Clients say on the console what fails, and in tests much does.
    onConsoleLog: (log) => !log.startsWith('latchkey: no ') && !log.startsWith('latchkey: a '),
    reporters: ['default', at('test/closing-line.reporter.ts')],
    projects: [
      // Days pass in some of them.
      project('unit', { testTimeout: 30_000, ...loaded }),
      project('machines', { testTimeout: 30_000, ...loaded }),
      project('model', { testTimeout: 240_000, ...loaded }),
      project('property', { testTimeout: 240_000, ...loaded }),
      project('contract', { testTimeout: 30_000, ...loaded }),
      project('uts', { testTimeout: 30_000, ...loaded }),
      project('e2e', { testTimeout: 30_000, ...inChromium }),
      project('browser', { testTimeout: 60_000, hookTimeout: 120_000, ...inChromium }),
      {
        ...project('examples'),
        test: { name: 'examples', include: ['examples/**/*.test.ts'], testTimeout: 30_000 },
      },
      { ...project('house'), test: { name: 'house', include: ['test/*.test.ts'], testTimeout: 60_000 } },
      {
        ...source,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: at('tsconfig.json'),
          },
        },
      },
    ],
  },
}));
