import { readFileSync } from 'node:fs';
import ts from 'typescript';

const folder = new URL('../../node_modules/ably/', import.meta.url);

/** A class of the SDK repeats the methods of its interface. */
const interfaces: Readonly<Record<string, string>> = { Rest: 'RestClient', Realtime: 'RealtimeClient' };

/**
 * The public methods of the `ably` package, as `Interface.method`, read from its types. Of LiveObjects only the
 * entries: all other methods belong to objects that these return.
 */
export function methodsOfAbly(): readonly string[] {
  const objects = methodsIn('liveobjects.d.ts').filter((name) => /^Re(st|altime)Object\./.test(name));
  return [...new Set([...methodsIn('ably.d.ts'), ...objects])].sort();
}

function methodsIn(file: string): readonly string[] {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    if (!ts.isInterfaceDeclaration(statement) && !ts.isClassDeclaration(statement)) return [];
    const owner = statement.name?.text ?? '';
    return [...statement.members]
      .filter(isMethod)
      .map(({ name }) => `${interfaces[owner] ?? owner}.${name?.getText()}`);
  });
}

function isMethod(member: ts.TypeElement | ts.ClassElement): boolean {
  if (ts.isMethodSignature(member) || ts.isMethodDeclaration(member)) return true;
  return ts.isPropertySignature(member) && member.type !== undefined && ts.isFunctionTypeNode(member.type);
}
