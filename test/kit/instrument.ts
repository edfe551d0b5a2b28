import ts from 'typescript';

/** The global name of the function that an instrumented module calls at each entry. */
export const HOOK = '__latchkeyEntered';

/** Called with the module's path and the position of the function in it; -1 for the module itself. */
export type Entered = (path: string, position: number) => void;

const parse = (path: string, text: string) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/**
 * The same module, in which each function and the module itself call the hook first. Line numbers stay the
 * same.
 */
export function instrumented(path: string, text: string): string {
  const insertions: { readonly at: number; readonly text: string }[] = [];
  const call = (position: number) => `globalThis.${HOOK}?.(${JSON.stringify(path)}, ${position})`;
  const visit = (node: ts.Node): void => {
    const body = bodyOf(node);
    if (body !== undefined && ts.isBlock(body)) {
      insertions.push({ at: body.getStart() + 1, text: `${call(node.getStart())};` });
    } else if (body !== undefined) {
      insertions.push({ at: body.getStart(), text: `(${call(node.getStart())}, ` });
      insertions.push({ at: body.getEnd(), text: ')' });
    }
    ts.forEachChild(node, visit);
  };
  const syntax = parse(path, text);
  visit(syntax);
  // Of two insertions at one place the inner one comes first. Imports are evaluated before the module's own
  // call.
  return insertions
    .map((insertion, order) => ({ ...insertion, order }))
    .sort((a, b) => b.at - a.at || orderAt(a, b))
    .reduce((whole, { at, text: more }) => whole.slice(0, at) + more + whole.slice(at), text)
    .replace(/^(['"]use client['"];)?/, (directive) => `${directive}${call(-1)};`);
}

/** One place can have the ends or the starts of nested bodies: the last insertion stands first. */
function orderAt(a: { readonly text: string; readonly order: number }, b: typeof a): number {
  return a.text === ')' && b.text === ')' ? a.order - b.order : b.order - a.order;
}

function bodyOf(node: ts.Node): ts.ConciseBody | undefined {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node))
    return node.body;
  if (ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isConstructorDeclaration(node))
    return node.body;
  return undefined;
}

/** The innermost function at a position, as the hook receives it; -1 outside of all functions. */
export function functionAt(path: string, text: string, position: number): number {
  let found = -1;
  const visit = (node: ts.Node): void => {
    if (position < node.getStart() || position >= node.getEnd()) return;
    if (bodyOf(node) !== undefined) found = node.getStart();
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}
