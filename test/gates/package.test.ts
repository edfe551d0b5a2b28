import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { publint } from 'publint';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';

const run = promisify(execFile);

/** Most of it is source maps. The CommonJS files are a seventh. Raised for the servers that verify JWTs. */
const LARGEST_TARBALL_BYTES = 2_300_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly exports: Record<string, unknown>;
  readonly imports: Record<string, unknown>;
  readonly main: string;
  readonly types: string;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly bin: Readonly<Record<string, string>>;
  readonly version: string;
}

/** The files that a resolver may choose. The condition `latchkey-source` is only for this repository. */
const targetsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.entries(value as object).flatMap(([name, inner]) =>
        name === 'latchkey-source' ? [] : targetsOf(inner),
      );

const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/** As a user has it after the installation: packed, unpacked, with its dependencies. */
describe('the package', () => {
  let manifest: Manifest;
  let home: string;
  let files: string[];
  let packed: Packed;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.');
    manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    home = await mkdtemp(join(tmpdir(), 'latchkey-'));
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], {
      cwd: root,
    });
    [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [Packed];
    files = packed.files.map(({ path }) => path);
    const modules = join(home, 'node_modules');
    await mkdir(join(modules, 'latchkey'), { recursive: true });
    await run('tar', [
      'xzf',
      join(home, packed.filename),
      '--strip-components=1',
      '-C',
      join(modules, 'latchkey'),
    ]);
    const types = ['@types/node', 'undici-types', '@types/react', 'csstype', 'typescript'];
    const { dependencies, peerDependencies } = manifest;
    for (const name of [...Object.keys(dependencies), ...Object.keys(peerDependencies), ...types]) {
      const from = join(root, 'node_modules', name);
      if (!existsSync(from)) continue;
      await mkdir(join(modules, name, '..'), { recursive: true });
      await symlink(from, join(modules, name), 'dir');
    }
    await writeFile(join(home, 'package.json'), '{ "type": "module" }');
  });

  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });

  const entries = () => Object.keys(manifest.exports).filter((name) => name !== './package.json');
  const specifier = (entry: string) => `latchkey${entry.slice(1)}`;

  it('the package holds every file that its exports and imports name', () => {
    const targets = [manifest.exports, manifest.imports, manifest.main, manifest.types]
      .flatMap(targetsOf)
      .map((path) => path.slice(2));
    expect(targets.filter((path) => !files.includes(path))).toEqual([]);
    expect(targets.length).toBeGreaterThan(15);
    expect(targets.filter((path) => !/^(dist\/.*(\.js|\.d\.ts)|package\.json)$/.test(path))).toEqual([]);
  });

  it('the package names the licences of bundled code', async () => {
    const built = await readFile(join(home, 'node_modules/latchkey/dist/licenses.md'), 'utf8');
    for (const name of [
      'commander',
      'srvx',
      'dequal',
      '@msgpack/msgpack',
      '@remix-run/node-fetch-server',
      'valibot',
    ])
      expect(built).toContain(`## ${name} - `);
    const text = await readFile(join(home, 'node_modules/latchkey/dist/studio/licenses.md'), 'utf8');
    for (const name of ['lit-html', 'valibot']) expect(text).toContain(`## ${name} - `);
  });

  it('the package depends on every package that its modules import', async () => {
    const modules = files.filter((path) => path.startsWith('dist/') && path.endsWith('.js'));
    const texts = await Promise.all(modules.map((path) => readFile(join(root, path), 'utf8')));
    const imports = texts.flatMap((text) =>
      ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName),
    );
    const required = texts.flatMap((text) =>
      [...text.matchAll(/^(?:let|const) \w+ = require\("([^"]+)"\)/gm)].map(([, name = '']) => name),
    );
    const packages = [...imports, ...required]
      .filter((name) => !/^[./#]/.test(name) && !isBuiltin(name))
      .map(packageOf);
    const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    expect([...new Set(packages)].filter((name) => !installed.includes(name))).toEqual([]);
    expect(packages).toContain('xstate');
  });

  it('the package holds what users need, and nothing else', () => {
    const tops = new Set(files.map((path) => path.split('/')[0]));
    expect([...tops].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      ...['connection', 'dist', 'docs', 'inspect', 'llms.txt', 'machines', 'package.json'],
      ...['react', 'sandbox', 'server', 'sharing', 'studio', 'testing'],
    ]);
    const stubs = files.filter((path) => !/^(dist|docs)\/|^[^/]*$/.test(path));
    expect(stubs.map((path) => `./${path.replace(/\/package\.json$/, '')}`).sort()).toEqual(
      entries()
        .filter((entry) => entry !== '.')
        .sort(),
    );
    expect(files.filter((path) => /(?<!\.d)\.tsx?$/.test(path))).toEqual([]);
  });

  it('publint finds no fault', async () => {
    const { messages } = await publint({ pkgDir: root, strict: true, pack: false });
    expect(messages.filter(({ type }) => type !== 'suggestion')).toEqual([]);
  });

  it('Node can import every entry', async () => {
    const code = entries().map(
      (entry) => `import * as m${entry.replace(/\W/g, '_')} from '${specifier(entry)}';`,
    );
    await writeFile(join(home, 'all.mjs'), `${code.join('\n')}\nconsole.log('imported');`);
    const { stdout } = await run(process.execPath, ['all.mjs'], { cwd: home });
    expect(stdout.trim()).toBe('imported');
  });

  it('every entry can be loaded first, by import and by require, where there is no console', async () => {
    const spoil = 'delete globalThis.console;';
    const say = "require('node:fs').writeSync(1, String(globalThis.console));";
    const flags = [['--input-type=module'], ['--input-type=commonjs', '--no-experimental-require-module']];
    for (const entry of entries().map(specifier)) {
      const programs = [
        `const { createRequire } = await import('node:module');
        const require = createRequire(import.meta.url);
        ${spoil} await import('${entry}'); ${say}`,
        `${spoil} require('${entry}'); setImmediate(() => { ${say} });`,
      ];
      const said = programs.map(async (program, index) => {
        const args = [...(flags[index] ?? []), '--eval', program];
        const { stdout } = await run(process.execPath, args, { cwd: home, timeout: 20_000 });
        return stdout;
      });
      expect([entry, ...(await Promise.all(said))]).toEqual([entry, 'undefined', 'undefined']);
    }
  });

  it('the package is one copy in Node, whether it is imported or required', async () => {
    const code = `
      const { createRequire } = await import('node:module');
      const require = createRequire(import.meta.url);
      for (const entry of ${JSON.stringify(entries().map(specifier))}) {
        const imported = await import(entry);
        const required = require(entry);
        for (const name of Object.keys(imported)) {
          if (imported[name] !== required[name]) console.log(entry, name);
        }
      }
      const auth = new (require('latchkey').Auth)('a.b:c');
      for (const { Observable } of [require('rxjs'), await import('rxjs')]) {
        console.log(auth.token$ instanceof Observable && auth.state$ instanceof Observable);
      }`;
    await writeFile(join(home, 'one-copy.mjs'), code);
    const { stdout } = await run(process.execPath, ['one-copy.mjs'], { cwd: home });
    expect(stdout).toBe('true\ntrue\n');
  });

  it('the package works where a program loads only CommonJS, and shares its dependencies with the app', async () => {
    const code = `
      ${entries()
        .map((entry) => `require('${specifier(entry)}');`)
        .join('\n')}
      const { Auth } = require('latchkey');
      const { RealtimeConnection } = require('latchkey/connection');
      const { createSandbox } = require('latchkey/sandbox');
      const { tokenEndpoint } = require('latchkey/server');
      (async () => {
        const sandbox = createSandbox();
        const { host, port } = await sandbox.listen();
        const key = sandbox.createApp().keys[0].keyStr;
        const service = { endpoint: host, port, tls: false };
        const connection = new RealtimeConnection(service);
        const auth = new Auth({ key, useTokenAuth: true, ...service, connection });
        console.log(auth.token$ instanceof require('rxjs').Observable);
        await auth.authorize();
        console.log(connection.state);
        const jwt = tokenEndpoint({ auth: new Auth(key), grant: () => ({ capability: { a: ['*'] } }) });
        const response = await jwt(new Request('https://example.com/token'));
        console.log((await response.json()).token.split('.').length);
        auth.dispose();
        connection.dispose();
        await sandbox.dispose();
        const files = Object.keys(require.cache);
        for (const name of ['xstate', 'rxjs', 'eventemitter3']) {
          console.log(name, files.includes(require.resolve(name)));
        }
        console.log(files.some((file) => file.includes('/latchkey/dist/') && !file.includes('/dist/cjs/')));
      })();`;
    await writeFile(join(home, 'common.cjs'), code);
    const args = ['--no-experimental-require-module', 'common.cjs'];
    const { stdout } = await run(process.execPath, args, { cwd: home, timeout: 20_000 });
    expect(stdout.split('\n')).toEqual([
      'true',
      'connected',
      '3',
      'xstate true',
      'rxjs true',
      'eventemitter3 true',
      'false',
      '',
    ]);
  });

  it('the package works in an empty project, with the sandbox, and lets the process end', async () => {
    const code = `
      import { Auth } from 'latchkey';
      import { RealtimeConnection } from 'latchkey/connection';
      import { createSandbox } from 'latchkey/sandbox';
      const sandbox = createSandbox();
      const [key] = sandbox.createApp().keys;
      const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket });
      const auth = new Auth({ key: key.keyStr, fetch: sandbox.fetch, connection });
      const { token } = await auth.authorize();
      console.log(connection.state, token.length > 20);`;
    await writeFile(join(home, 'main.mjs'), code);
    const { stdout } = await run(process.execPath, ['main.mjs'], { cwd: home, timeout: 60_000 });
    expect(stdout.trim()).toBe('connected true');
  });

  it('the command runs in an empty project, with its page', async () => {
    const program = join('node_modules', 'latchkey', manifest.bin.latchkey ?? '');
    const latchkey = (args: readonly string[], env: Record<string, string> = {}) =>
      run(process.execPath, [program, ...args], {
        cwd: home,
        timeout: 90_000,
        env: { ...process.env, ...env },
      });
    expect((await latchkey(['--version'])).stdout.trim()).toBe(manifest.version);
    const { stdout } = await latchkey(['request', '--json'], { LATCHKEY_KEY: 'a.b:secret' });
    const decoded = await latchkey(['decode', '--json', stdout], { LATCHKEY_KEY: 'a.b:secret' });
    expect(JSON.parse(decoded.stdout)).toMatchObject({ kind: 'TokenRequest', signature: 'right' });
    expect(files).toContain('dist/studio/index.html');
  });

  it('the package is no larger than the page of `latchkey dev` makes it', () => {
    console.log(`the tarball: ${packed.size} bytes, ${packed.unpackedSize} unpacked, ${files.length} files`);
    expect(packed.size).toBeLessThan(LARGEST_TARBALL_BYTES);
  });

  it.each([
    ['NodeNext', 'NodeNext', 'use.mts'],
    ['NodeNext', 'NodeNext', 'use.cts'],
    ['Node16', 'Node16', 'use.mts'],
    ['Node16', 'Node16', 'use.cts'],
    ['bundler', 'ESNext', 'use.ts'],
    ['node10', 'CommonJS', 'use.cts'],
  ])(
    'the types work with module resolution %s and module %s, in %s',
    async (moduleResolution, module, file) => {
      const imports = entries().map(
        (entry, index) =>
          `import * as m${index} from '${specifier(entry)}';\nexport const n${index} = m${index};`,
      );
      const use = `import { Auth } from 'latchkey';\nexport const token: Promise<string> = new Auth('a.b:c').getToken().then(({ token }) => token);`;
      await writeFile(join(home, file), [...imports, use].join('\n'));
      const config = {
        compilerOptions: {
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          target: 'ES2022',
          lib: ['ES2023', 'DOM', 'ESNext.Disposable'],
          types: ['node'],
          ...{ module, moduleResolution, ignoreDeprecations: '6.0' },
        },
        files: [file],
      };
      await writeFile(join(home, 'tsconfig.json'), JSON.stringify(config));
      const { stdout } = await run(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'],
        { cwd: home },
      ).catch((error: { stdout: string }) => error);
      expect(stdout).toBe('');
    },
  );

  it.each<[string, object, (entry: string) => boolean]>([
    ['Node', { lib: ['ES2022'], types: ['node'] }, () => true],
    [
      'a page',
      { lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] },
      (entry) => !['./server/node', './server/ws'].includes(entry),
    ],
  ])('the types need nothing but what %s has, with checked declarations', async (_what, platform, isFor) => {
    const imports = entries()
      .filter(isFor)
      .map((entry, index) => `export * as m${index} from '${specifier(entry)}';`);
    const folder = join(home, 'strict');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'use.ts'), imports.join('\n'));
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022', ...platform },
      ...{ module: 'ESNext', moduleResolution: 'bundler', jsx: 'react-jsx' },
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const checked = run(process.execPath, [tsc, '-p', '.'], { cwd: folder });
    expect((await checked.catch((error: { stdout: string }) => error)).stdout).toBe('');
  });

  it('the React entry is marked as client code for server renderers', async () => {
    const text = await readFile(join(home, 'node_modules/latchkey/dist/src/react/index.js'), 'utf8');
    expect(text).toMatch(/^"use client";/);
  });

  it.each([
    '.',
    './connection',
    './connection/ably-js',
    './connection/graphql-ws',
    './connection/hocuspocus',
    './connection/reconnecting',
    './connection/socket-io',
    './connection/stack',
    './inspect',
    './machines',
    './server',
    './sharing',
    './sharing/web',
    './testing',
    './react',
    './sharing/redis',
  ])('%s can be bundled for a browser without anything of Node', async (entry) => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: `export * from '${specifier(entry)}';`, resolveDir: home },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      minify: true,
      write: false,
      metafile: true,
      external: ['react'],
      logLevel: 'silent',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => path.includes('node_modules/ws/') || path.startsWith('node:'))).toEqual(
      [],
    );
    const [output] = Object.values(metafile.outputs);
    const left = new Set(output?.imports.map(({ path }) => path));
    expect([...left]).toEqual(entry === './react' ? ['react'] : []);
    const [file] = outputFiles;
    expect(file?.text).not.toMatch(/["']node:/);
  });
});
