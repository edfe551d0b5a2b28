import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { entryFiles } from './entry-files.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The file of the report. */
export const surfacePath = fileURLToPath(new URL('api-surface.txt', import.meta.url));

const HEAD = `What each entry of the package exports: names and declarations, without comments and private members.
Made by \`npm run surface\`. A change here is a change for users.`;

const printer = ts.createPrinter({ removeComments: true });

/** The report, made of the declarations that the build wrote. */
export function surface(): string {
  const entries = new Map([...entryFiles()].map(([name, path]) => [name, declarationFile(path)]));
  const program = ts.createProgram([...entries.values()], {
    // Only names are resolved here, no types, so the platform's declarations are not needed.
    ...{ noLib: true, types: [], noEmit: true },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  });
  const checker = program.getTypeChecker();
  const homes = new Map<ts.Symbol, string>();
  const parts = [HEAD];
  for (const [entry, file] of entries) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} must be a module`);
    parts.push(`# ${entry}`);
    const exported = checker.getExportsOfModule(module);
    for (const one of exported.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
      const symbol = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
      const home = homes.get(symbol);
      parts.push(home === undefined ? textOf(one.name, symbol) : `${one.name}: as in ${home}`);
      if (home === undefined) homes.set(symbol, entry);
    }
  }
  return `${parts.join('\n\n')}\n`;
}

function declarationFile(source: string): string {
  const path = `${root}dist/${source.replace(/\.tsx?$/, '.d.ts')}`;
  if (!existsSync(path)) throw new Error(`${path} must exist: run \`npm run build\` first`);
  return path;
}

function textOf(name: string, symbol: ts.Symbol): string {
  const declarations = symbol.declarations ?? [];
  if (declarations.length === 0) throw new Error(`${name} has no declaration`);
  const texts = declarations.map((one) => {
    const text = printer.printNode(ts.EmitHint.Unspecified, one, one.getSourceFile());
    const whole = ts.isVariableDeclaration(one) ? `const ${text};` : text;
    return whole.replace(/^(export |declare )+/, '').replace(/^ +(private .*|#private);\n/gm, '');
  });
  return (symbol.name === name ? texts : [`${name}, declared as ${symbol.name}:`, ...texts]).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = existsSync(surfacePath) ? readFileSync(surfacePath, 'utf8') : '';
  const now = surface();
  writeFileSync(surfacePath, now);
  console.log(`docs/api-surface.txt ${now === before ? 'is unchanged' : 'has changed: see git diff'}`);
}
