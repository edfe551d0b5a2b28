import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import manifest from '../package.json' with { type: 'json' };

/** What `vite build --mode commonjs` and `tsc` leave to do, for programs that load by `require`. */
const root = fileURLToPath(new URL('..', import.meta.url));

interface Entry {
  readonly require: { readonly types: string; readonly default: string };
  readonly import: { readonly types: string };
}

const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
  typeof entry === 'string' ? [] : [[name.slice('./'.length), entry as Entry] as const],
);

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The manifest of the CommonJS files. It has no `imports`: a bundler for pages goes by `browser`. */
function manifestOfCommonJs(): string {
  const pairs = Object.values(manifest.imports).map(({ 'latchkey-source': { node, default: web } }) =>
    [node, web].map((path) => path.replace(/\.ts$/, '.js')),
  );
  const browser = Object.fromEntries(pairs) as Readonly<Record<string, string>>;
  return JSON.stringify({ type: 'commonjs', sideEffects: false, browser, 'react-native': browser }, null, 2);
}

/**
 * The declarations of an entry for those who `require` it. They name the same types, for it is the same package:
 * a program that has it both ways has one kind of `Auth`.
 */
function declarationsOf(program: ts.Program, { require, import: { types } }: Entry): string {
  const source = program.getSourceFile(join(root, types));
  const checker = program.getTypeChecker();
  const symbol = source && checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${types} must be a module`);
  const path = relative(dirname(require.types), types).replace(/\.d\.ts$/, '.js');
  const origin = `import('${path}', { with: { 'resolution-mode': 'import' } })`;
  const all = checker.getExportsOfModule(symbol).map((exported) => {
    const { name } = exported;
    const { flags, declarations = [] } =
      exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if ((flags & ts.SymbolFlags.Value) === 0) return { name, lines: [], isType: true };
    const lines = [`export declare const ${name}: typeof ${origin}.${name};`];
    if (flags & ts.SymbolFlags.Type) {
      const { typeParameters = [] } = declarations.find(ts.isClassDeclaration) ?? {};
      const names = typeParameters.map((parameter) => parameter.name.text);
      // A constraint names a type that the entry exports as well; the compiler would say so otherwise.
      const qualified = (word: string, type?: ts.TypeNode) =>
        type ? ` ${word} ${origin}.${type.getText()}` : '';
      const parameters = typeParameters.map(
        (one) => `${one.name.text}${qualified('extends', one.constraint)}${qualified('=', one.default)}`,
      );
      const list = (all: readonly string[]) => (all.length === 0 ? '' : `<${all.join(', ')}>`);
      lines.push(`export type ${name}${list(parameters)} = ${origin}.${name}${list(names)};`);
    }
    return { name, lines, isType: false };
  });
  const typeNames = all.filter(({ isType }) => isType).map(({ name }) => name);
  const typesAlone =
    typeNames.length === 0
      ? []
      : [`export type { ${typeNames.join(', ')} } from '${path}' with { 'resolution-mode': 'import' };`];
  return `${[...typesAlone, ...all.flatMap(({ lines }) => lines)].join('\n')}\n`;
}

// An older compiler knows no `imports`, and the types are those of the packages on each platform.
const packageOf: Readonly<Record<string, string>> = { '#rxjs': 'rxjs', '#emitter': 'eventemitter3' };
for (const path of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.d.ts')) continue;
  const text = readFileSync(join(root, 'dist', path), 'utf8');
  const named = text.replace(
    /from '(#[^']+)'/g,
    (whole, name: string) => `from '${packageOf[name] ?? whole}'`,
  );
  if (named !== text) write(join('dist', path), named);
}

write('dist/cjs/package.json', `${manifestOfCommonJs()}\n`);

const program = ts.createProgram(
  entries.map(([, entry]) => join(root, entry.import.types)),
  {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  },
);
for (const [, entry] of entries) write(entry.require.types, declarationsOf(program, entry));

// An older compiler is led here. It says that the file is not a module, and with that its name.
for (const name of ['5.0-or-newer', '5.3-or-newer-for-require']) {
  write(`dist/latchkey-needs-typescript-${name}.d.ts`, '// See docs/platforms.md.\n');
}

// Those who know no `exports` look for a folder.
for (const [name, entry] of entries) {
  if (name === '') continue;
  const from = (path: string) => relative(name, path);
  const stub = {
    type: 'module',
    sideEffects: false,
    main: from(entry.require.default),
    types: from(entry.import.types),
  };
  write(`${name}/package.json`, `${JSON.stringify(stub, null, 2)}\n`);
}
