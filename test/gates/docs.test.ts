import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root, sourceFiles } from '../kit/imports.js';
import { quickStart } from '../kit/migration-page.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  'machines/README.md',
  'examples/README.md',
];

interface Example {
  readonly name: string;
  readonly code: string;
  readonly language: string;
}

const fenced = /```(tsx?)\n([\s\S]*?)```/g;

const examplesIn = (name: string, text: string): Example[] =>
  [...text.matchAll(fenced)].map(([, language = '', code = ''], index) => ({
    name: `${name} #${index + 1}`,
    code,
    language,
  }));

const fromPages: Example[] = [
  ...pages.flatMap((page) => examplesIn(page, read(page))),
  { name: 'the diff about migrating', code: quickStart().after, language: 'ts' },
];

/** The text of each file of an example folder. */
const filesOf = (folder: string): readonly string[] =>
  readdirSync(join(root, folder)).map((name) => read(join(folder, name)));

/** Shown in a page, and compiled where they are. */
const shownFiles = ['identity-providers', 'requests', 'documents', 'own-server'].flatMap((folder) =>
  filesOf(`examples/${folder}`),
);

const fromSource: Example[] = sourceFiles('src', 'machines').flatMap(({ path, text }) =>
  [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(([comment]) =>
    examplesIn(path, comment.replace(/^\s*\* ?/gm, '')),
  ),
);

/** The compiler's errors for these examples, each as a module inside the project. */
function problemsOf(examples: readonly Example[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const names = new Map(
    examples.map((example, index) => [join(root, 'test', `example-${index}.${example.language}`), example]),
  );
  // An example may declare something only to show how.
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => names.has(path) || fileExists(path);
  host.readFile = (path) => names.get(path)?.code ?? readFile(path);
  host.getSourceFile = (path, target, onError) => {
    const example = names.get(path);
    return example === undefined
      ? getSourceFile(path, target, onError)
      : ts.createSourceFile(path, `${example.code}\nexport {};\n`, target);
  };
  const program = ts.createProgram(
    [...names.keys()],
    { ...options, noUnusedLocals: false, noEmit: true },
    host,
  );
  return [...names].flatMap(([path, { name }]) => {
    const file = program.getSourceFile(path);
    return ts
      .getPreEmitDiagnostics(program, file)
      .map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
}

describe('the documentation', () => {
  it('the examples in the pages and in the source compile', () => {
    expect(fromPages.length).toBeGreaterThan(5);
    expect(fromSource.length).toBeGreaterThan(5);
    const others = fromPages.filter(({ code }) => !shownFiles.includes(code));
    expect(problemsOf([...others, ...fromSource])).toEqual([]);
  });

  it('the check notices an example that does not compile', () => {
    expect(
      problemsOf([
        { name: 'broken', language: 'ts', code: "import { Nothing } from 'latchkey';\nNothing();" },
      ]),
    ).not.toEqual([]);
    expect(
      problemsOf([{ name: 'broken', language: 'tsx', code: 'export const app = <Nothing />;' }]),
    ).not.toEqual([]);
  });

  it('the page of identity providers shows each source as it is, in at most 20 lines', () => {
    const page = examplesIn('', read('docs/identity-providers.md'));
    const [, ...shown] = page.map(({ code }) => code);
    expect(shown).toHaveLength(6);
    expect(shown.filter((code) => !shownFiles.includes(code))).toEqual([]);
    const [, ...sources] = shown;
    expect(sources.filter((code) => code.trim().split('\n').length > 20)).toEqual([]);
  });

  it.each([
    ['docs/guide/requests.md', 'examples/requests'],
    ['docs/guide/documents.md', 'examples/documents'],
    ['docs/guide/server-halves.md', 'examples/own-server'],
  ])('%s shows every file of %s, which a test runs, and none is longer than 22 lines', (page, folder) => {
    const shown = examplesIn('', read(page)).map(({ code }) => code);
    expect(filesOf(folder).filter((code) => !shown.includes(code))).toEqual([]);
    expect(filesOf(folder).filter((code) => code.trim().split('\n').length > 22)).toEqual([]);
  });

  it.each(pages)('the links of %s lead somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    );
    expect(links.filter((target) => !existsSync(resolve(root, dirname(page), target)))).toEqual([]);
  });

  it('no page takes latchkey from the npm registry, where the name is not ours', () => {
    const fetched = /\b(npx|npm exec|npm (i|install|add)) (-\S+ )*latchkey(?![\w./-])/;
    expect(fetched.test('npx --yes latchkey doctor')).toBe(true);
    expect(pages.filter((name) => fetched.test(read(name)))).toEqual([]);
  });

  it('only existing commands are named', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('a command that builds first and may print JSON keeps the output of the build out of it', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const building = Object.entries(scripts)
      .filter(([, text]) => /silent build/.test(text))
      .map(([name, text]) => [name, text, /(test|bench)\/\S+\.ts/.exec(text)?.[0]] as const);
    const withJson = building.filter(([, , program]) => program !== undefined && /json/.test(read(program)));
    expect(withJson.map(([name]) => name).sort()).toEqual(['bench', 'floors', 'runtimes']);
    expect(withJson.filter(([, text]) => !text.includes('silent build 1>&2'))).toEqual([]);
  });

  it('every function and class that users need has an example', () => {
    for (const [path, names] of [
      [
        'src/auth.ts',
        [
          'class Auth',
          'authorize(',
          'requestToken(',
          'createTokenRequest(',
          'getToken(',
          'require(',
          'fetch(',
          'revokeTokens(',
        ],
      ],
      ['src/errors/error-info.ts', ['class ErrorInfo']],
      ['src/sandbox/sandbox.ts', ['function createSandbox']],
      ['src/server/token-endpoint.ts', ['function tokenEndpoint']],
      ['src/server/refusal.ts', ['function refuse']],
      ['src/server/listener.node.ts', ['function nodeListener']],
      ['src/sharing/host/index.node.ts', ['function hostSharing']],
      ['src/connection/realtime/realtime-connection.ts', ['class RealtimeConnection']],
      ['src/testing/virtual-clock.ts', ['class VirtualClock']],
      ['src/react/auth-provider.ts', ['function AuthProvider']],
      ['src/react/use-auth.ts', ['function useAuth']],
      ['src/react/use-auth-state.ts', ['function useAuthState']],
      ['src/react/use-token.ts', ['function useToken']],
      ['src/react/use-client-id.ts', ['function useClientId']],
    ] as const) {
      const text = read(path);
      for (const name of names) {
        const comment =
          text
            .slice(0, text.indexOf(`${name}`, text.indexOf('*/')))
            .split('/**')
            .at(-1) ?? '';
        expect(`${name}: ${comment.includes('@example')}`).toBe(`${name}: true`);
      }
    }
  });
});
