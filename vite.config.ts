import { builtinModules } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { esmExternalRequirePlugin } from 'vite';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One entry for each subpath export of package.json. */
const modules = {
  'src/index': at('src/index.ts'),
  'machines/index': at('machines/index.ts'),
  'src/connection/index': at('src/connection/index.ts'),
  'src/connection/ably-js/index': at('src/connection/ably-js/index.ts'),
  'src/connection/graphql-ws/index': at('src/connection/graphql-ws/index.ts'),
  'src/connection/hocuspocus/index': at('src/connection/hocuspocus/index.ts'),
  'src/connection/reconnecting/index': at('src/connection/reconnecting/index.ts'),
  'src/connection/socket-io/index': at('src/connection/socket-io/index.ts'),
  'src/connection/stack/index': at('src/connection/stack/index.ts'),
  'src/sharing/index': at('src/sharing/index.ts'),
  'src/sharing/host/index.node': at('src/sharing/host/index.node.ts'),
  'src/sharing/web/index': at('src/sharing/web/index.ts'),
  'src/sharing/redis/index': at('src/sharing/redis/index.ts'),
  'src/inspect': at('src/inspect.ts'),
  'src/sandbox/index': at('src/sandbox/index.ts'),
  'src/server/index': at('src/server/index.ts'),
  'src/server/listener.node': at('src/server/listener.node.ts'),
  'src/server/ws/index': at('src/server/ws/index.ts'),
  'src/server/graphql-ws/index': at('src/server/graphql-ws/index.ts'),
  'src/testing/index': at('src/testing/index.ts'),
  'src/react/index': at('src/react/index.ts'),
};

/** What differs between platforms: the targets of package.json's `imports`. */
const platforms = {
  'src/signing/hmac.node': at('src/signing/hmac.node.ts'),
  'src/signing/hmac.noble': at('src/signing/hmac.noble.ts'),
  'src/connection/realtime/websocket.node': at('src/connection/realtime/websocket.node.ts'),
  'src/connection/realtime/websocket.web': at('src/connection/realtime/websocket.web.ts'),
  'src/async/rxjs.node': at('src/async/rxjs.node.ts'),
  'src/async/rxjs.web': at('src/async/rxjs.web.ts'),
  'src/platform/sha256.node': at('src/platform/sha256.node.ts'),
  'src/platform/sha256.web': at('src/platform/sha256.web.ts'),
  'src/platform/runtime.node': at('src/platform/runtime.node.ts'),
  'src/platform/runtime.web': at('src/platform/runtime.web.ts'),
  'src/errors/full-redaction.node': at('src/errors/full-redaction.node.ts'),
  'src/errors/full-redaction.web': at('src/errors/full-redaction.web.ts'),
  'src/client/emitter.node': at('src/client/emitter.node.ts'),
  'src/client/emitter.web': at('src/client/emitter.web.ts'),
  'src/sandbox/bytes.node': at('src/sandbox/bytes.node.ts'),
  'src/sandbox/bytes.web': at('src/sandbox/bytes.web.ts'),
  'src/sandbox/listen.node': at('src/sandbox/listen.node.ts'),
  'src/sandbox/listen.web': at('src/sandbox/listen.web.ts'),
};

/** All of them, the programs behind `npm start` and the command, too. */
const entries = {
  ...modules,
  ...platforms,
  'src/cli/start': at('src/cli/start.ts'),
  'src/cli/latchkey': at('src/cli/latchkey.ts'),
};

const matching = (...names: string[]) => new RegExp(`^(node:|(${names.join('|')})(/|$))`);

/** What an app has of its own, or shares with others. Everything else that our files need is built into them. */
const external = matching(...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));

/** The same for CommonJS, which cannot load a package of modules alone: only what must be one copy with the app's. */
const shared = matching('xstate', 'rxjs', 'eventemitter3', 'react');

/** Without it `ws` asks for packages that nobody installed. */
const alone = { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' };

const isInlined = (id: string, importer = ''): boolean =>
  id === 'eventemitter3' && importer.endsWith('emitter.web.ts');

/** Built into the bundles of others, `ws` must not ask for anything by `require`: a module has none. */
const builtIn = [
  esmExternalRequirePlugin({ external: builtinModules.filter((name) => !name.startsWith('_')) }),
  {
    name: 'eventemitter3-as-a-module',
    enforce: 'pre' as const,
    resolveId: (id: string, importer = '') =>
      isInlined(id, importer) ? at('node_modules/eventemitter3/dist/eventemitter3.esm.js') : null,
  },
];

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

/** What the connection and parts of the client share: those are not to load the connection for it. */
const sharedByParts = [
  at('src/http/agent.ts'),
  at('src/http/hosts.ts'),
  at('src/http/fallback-hosts.ts'),
  at('src/connection/states.ts'),
];

/**
 * Few files: what the client loads at once is one, what the connection adds to that another, less what entries that load
 * little share with them. Of the groups that a module could be in, the first has it.
 */
const groups = (
  [
    [
      'values',
      'src/index',
      ['src/server/index', 'src/connection/ably-js/index', 'src/connection/stack/index', 'src/inspect'],
    ],
    ['machines', 'src/index', ['machines/index', 'src/connection/index']],
    ['inspection', 'src/index', ['src/inspect']],
    ['client', 'src/index', ['src/index']],
    [
      'port',
      'src/connection/index',
      ['src/connection/ably-js/index', 'src/connection/stack/index', 'src/testing/index'],
    ],
    ['connection-machine', 'src/connection/index', ['machines/index']],
    ['connection', 'src/connection/index', ['src/connection/index']],
  ] as const
).map(([name, entry, sharers], index) => ({
  debugName: name,
  priority: 9 - index,
  name: (id: string, graph: Graph) =>
    (name === 'machines' && sharedByParts.includes(id)) ||
    (firstLoadOf(entry, graph).has(id) && sharers.some((one) => firstLoadOf(one, graph).has(id)))
      ? name
      : null,
}));

/**
 * A part that is loaded on first use names what is loaded before it. A bundler splits what parts reach from what they
 * do not: if all reach the same, the first load is one file, which is smaller than several.
 */
const partsAfterTheirOwner = {
  name: 'parts-after-their-owner',
  renderChunk(
    code: string,
    { facadeModuleId, isDynamicEntry, fileName }: RenderedChunk,
    { format }: { readonly format: string },
  ) {
    if (format !== 'es') return null;
    const [, ...names] = owners.find(([folders]) => folders.test(facadeModuleId ?? '')) ?? [];
    if (!isDynamicEntry || names.length === 0 || !fileName.startsWith('src/chunks/')) return null;
    return { code: code + names.map((name) => `import "./${name}.js";\n`).join(''), map: null };
  },
};

/**
 * Whose parts are in which folders, by the names of the files that are loaded before them. A connection has an Auth, so
 * its parts name the client's file as well.
 */
const owners: readonly (readonly [folders: RegExp, ...names: string[]])[] = [
  [/\/src\/(client|sources|sharing|connection\/link)\//, 'client'],
  [/\/src\/(connection|inspection)\//, 'connection', 'client'],
];

interface RenderedChunk {
  readonly facadeModuleId: string | null;
  readonly isDynamicEntry: boolean;
  readonly fileName: string;
}

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
    external: (id: string, importer?: string) =>
      (id.startsWith('#') || external.test(id)) && !isInlined(id, importer),
    platform: 'node' as const,
    plugins: [partsAfterTheirOwner],
    // 'use client' stays at the top of the entry that has it; a test looks.
    checks: { moduleLevelDirective: false },
    output: {
      entryFileNames: '[name].js',
      chunkFileNames: 'src/chunks/[name].js',
      codeSplitting: { groups },
    },
  },
};

const emitted = (id: string) => ({ id: at(`${id}.js`), external: 'relative' as const });

/** In CommonJS a file of one platform is a file that others name, and so is what the studio is drawn with. */
const namedFiles = {
  name: 'files-of-a-platform',
  enforce: 'pre' as const,
  resolveId: (id: string) => {
    const [, drawn] = /^\.\/ui\/(app|panel)\.js$/.exec(id) ?? [];
    if (drawn !== undefined) return emitted(`../studio/${drawn}`);
    if (!id.startsWith('#')) return null;
    const { node } = manifest.imports[id as keyof typeof manifest.imports]['latchkey-source'];
    return emitted(node.slice('./'.length, -'.ts'.length));
  },
};

/**
 * Parcel takes `Promise.resolve().then(() => require(…))` for an `import()`, and finds nothing when it is called.
 */
const plainRequire = {
  name: 'plain-require',
  renderChunk: (code: string) => ({
    code: code.replace(/Promise\.resolve\(\)\.then\(\(\) => (require\("[^"]+"\))\)/g, '(async () => $1)()'),
    map: null,
  }),
};

/**
 * For programs that load by `require` alone: Jest, and Metro without package exports. The files of one platform are
 * named as they are, since such programs know no `imports`; `browser` in the manifest beside them says what a page has.
 */
const commonJs = {
  ...library,
  outDir: 'dist/cjs',
  sourcemap: false,
  lib: {
    entry: { ...modules, ...platforms, 'src/studio/index': at('src/studio/index.ts') },
    formats: ['cjs' as const],
  },
  rollupOptions: {
    ...library.rollupOptions,
    external: (id: string) => shared.test(id) || builtinModules.includes(id),
    output: {
      entryFileNames: '[name].js',
      chunkFileNames: 'src/chunks/[name].js',
      exports: 'named' as const,
      esModule: true,
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
    input: {
      index: at('src/studio/page/index.html'),
      studio: at('src/studio/index.ts'),
      app: at('src/studio/ui/app.ts'),
      panel: at('src/studio/ui/panel.ts'),
    },
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
  ...(mode === 'studio' ? { root: at('src/studio/page'), base: './', build: studio, resolve: {} } : {}),
  ...(mode === 'commonjs' ? { build: commonJs, plugins: [namedFiles, plainRequire], define: alone } : {}),
  ...(mode === 'production' ? { build: library, plugins: builtIn, define: alone } : {}),
  test: {
    // One more than there are processors: what a test waits for is seldom a processor.
    maxWorkers: availableParallelism() + 1,
    // Clients say on the console what fails, and in tests much does.
    onConsoleLog: (log) => !log.startsWith('latchkey: no ') && !log.startsWith('latchkey: a '),
    reporters: ['default', at('test/closing-line.reporter.ts')],
    projects: [
      // Days pass in some of them.
      project('behaviour', { testTimeout: 120_000, ...loaded }),
      project('machines', { testTimeout: 120_000, ...loaded }),
      project('model', { testTimeout: 240_000, ...loaded }),
      project('property', { testTimeout: 240_000, ...loaded }),
      project('contract', { testTimeout: 120_000, ...loaded }),
      project('hostile', { testTimeout: 240_000, ...loaded }),
      project('uts', { testTimeout: 120_000, ...loaded }),
      project('e2e', { testTimeout: 120_000, ...loaded, ...inChromium }),
      project('browser', { testTimeout: 120_000, hookTimeout: 120_000, ...inChromium }),
      {
        ...project('examples'),
        test: { name: 'examples', include: ['examples/**/*.test.ts'], testTimeout: 120_000 },
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
