import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

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
  'src/connection/realtime/websocket.node': at('src/connection/realtime/websocket.node.ts'),
  'src/connection/realtime/websocket.web': at('src/connection/realtime/websocket.web.ts'),
  'src/server/fast-response.node': at('src/server/fast-response.node.ts'),
  'src/server/fast-response.web': at('src/server/fast-response.web.ts'),
  'src/async/rxjs.node': at('src/async/rxjs.node.ts'),
  'src/async/rxjs.web': at('src/async/rxjs.web.ts'),
};

/** What an app has of its own, or shares with others. Everything else that our files need is built into them. */
const external = new RegExp(
  `^(node:|#|(${Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).join('|')})(/|$))`,
);

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** The modules that an entry loads at once. */
const firstLoads = new Map<string, ReadonlySet<string>>();
function firstLoadOf(entry: keyof typeof entries, graph: Graph): ReadonlySet<string> {
  const known = firstLoads.get(entry);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    graph.getModuleInfo(id)?.importedIds.forEach(visit);
  };
  visit(entries[entry]);
  firstLoads.set(entry, seen);
  return seen;
}

/**
 * Few files: what the client loads at once is one, what the connection adds to that another, less what entries that load
 * little share with them. Of the groups that a module could be in, the first has it.
 */
const groups = (
  [
    ['values', 'src/index', ['src/server/index', 'src/connection/ably-js/index', 'src/inspect']],
    ['machines', 'src/index', ['machines/index', 'src/connection/index']],
    ['inspection', 'src/index', ['src/inspect']],
    ['client', 'src/index', ['src/index']],
    ['port', 'src/connection/index', ['src/connection/ably-js/index', 'src/testing/index']],
    ['connection-machine', 'src/connection/index', ['machines/index']],
    ['connection', 'src/connection/index', ['src/connection/index']],
  ] as const
).map(([name, entry, sharers], index) => ({
  debugName: name,
  priority: 9 - index,
  name: (id: string, graph: Graph) =>
    firstLoadOf(entry, graph).has(id) && sharers.some((one) => firstLoadOf(one, graph).has(id)) ? name : null,
}));

const library = {
  target: 'es2022',
  outDir: 'dist',
  emptyOutDir: true,
  minify: false,
  sourcemap: true,
  // What is built in comes with the terms of its makers.
  license: { fileName: 'licenses.md' },
  lib: { entry: entries, formats: ['es' as const] },
  rollupOptions: {
    external: (id: string) => external.test(id),
    platform: 'node' as const,
    // 'use client' stays at the top of the entry that has it; a test looks.
    checks: { moduleLevelDirective: false },
    output: {
      entryFileNames: '[name].js',
      chunkFileNames: 'src/chunks/[name].js',
      codeSplitting: { groups },
    },
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
    setupFiles: [at('test/kit/unreachable.ts')],
    ...extra,
  },
});

/** For projects whose time is virtual. */
const loaded = { setupFiles: [at('test/kit/unreachable.ts'), at('test/kit/parts.setup.ts')] };

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
      project('behaviour', { testTimeout: 30_000, ...loaded }),
      project('machines', { testTimeout: 30_000, ...loaded }),
      project('model', { testTimeout: 240_000, ...loaded }),
      project('property', { testTimeout: 240_000, ...loaded }),
      project('contract', { testTimeout: 30_000, ...loaded }),
      project('uts', { testTimeout: 30_000, ...loaded }),
      project('e2e', { testTimeout: 30_000, ...loaded, ...inChromium }),
      project('browser', { testTimeout: 60_000, hookTimeout: 120_000, ...inChromium }),
      {
        ...project('examples'),
        test: { name: 'examples', include: ['examples/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        ...project('gates'),
        test: {
          name: 'gates',
          include: ['test/gates/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
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
