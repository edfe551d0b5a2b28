import ts from 'typescript';

/** The global set of the branches that were taken, each as `path:number`. */
export const TAKEN = '__latchkeyTaken';

/** One outcome of a condition, of a default or of a `case`; or the entry of a `catch`. */
export interface Branch {
  readonly number: number;
  readonly line: number;
  /** The beginning of the condition, and its outcome. */
  readonly what: string;
}

export interface Branches {
  readonly branches: readonly Branch[];
  /** The same module, which notes each branch that it takes. */
  readonly text: string;
}

const LOGICAL: ReadonlyMap<ts.SyntaxKind, readonly [string, string]> = new Map([
  [ts.SyntaxKind.AmpersandAmpersandToken, ['true', 'false']],
  [ts.SyntaxKind.BarBarToken, ['true', 'false']],
  [ts.SyntaxKind.QuestionQuestionToken, ['present', 'absent']],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, ['present', 'absent']],
]);

/**
 * The branches of a module: both outcomes of each condition and of the left side of `&&`, `||` and `??`, each `case`,
 * `catch` and default value.
 */
export function branchesOf(path: string, text: string): Branches {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const branches: Branch[] = [];
  const insertions: { readonly at: number; readonly text: string }[] = [];
  const add = (node: ts.Node, outcome: string): number => {
    const line = syntax.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const [beginning = ''] = node.getText().split('\n');
    branches.push({ number: branches.length, line, what: `${beginning.slice(0, 60)} · ${outcome}` });
    return branches.length - 1;
  };
  const note = (number: number) => `globalThis.${TAKEN}?.add('${path}:${number}')`;
  const entered = (node: ts.Node, at: number, outcome: string) =>
    insertions.push({ at, text: `${note(add(node, outcome))};` });
  const wrap = (node: ts.Expression, isRight: string, outcomes: readonly [string, string]) => {
    const [yes, no] = [add(node, outcomes[0]), add(node, outcomes[1])];
    insertions.push({
      at: node.getStart(),
      text: `((value) => (${isRight} ? ${note(yes)} : ${note(no)}, value))(`,
    });
    insertions.push({ at: node.getEnd(), text: ')' });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    const condition = conditionOf(node);
    if (condition !== undefined) wrap(condition, 'value', ['true', 'false']);
    if (ts.isBinaryExpression(node)) {
      const outcomes = LOGICAL.get(node.operatorToken.kind);
      const isNullish = outcomes?.[0] === 'present';
      if (outcomes !== undefined && node.operatorToken.kind !== ts.SyntaxKind.QuestionQuestionEqualsToken)
        wrap(node.left, isNullish ? 'value !== undefined && value !== null' : 'value', outcomes);
    }
    if (ts.isCaseOrDefaultClause(node))
      entered(node, node.getChildAt(node.getChildCount() - 2).getEnd(), 'taken');
    if (ts.isCatchClause(node)) entered(node, node.block.getStart() + 1, 'taken');
    if ((ts.isParameter(node) || ts.isBindingElement(node)) && node.initializer !== undefined) {
      insertions.push({ at: node.initializer.getStart(), text: `(${note(add(node, 'default'))}, ` });
      insertions.push({ at: node.initializer.getEnd(), text: ')' });
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return { branches, text: inserted(text, insertions) };
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node) || ts.isForStatement(node)) return node.condition;
  return undefined;
}

/** Of two starts at one place the outer one was added first; of two ends, and of an end and a start, the inner one is first. */
function inserted(
  text: string,
  insertions: readonly { readonly at: number; readonly text: string }[],
): string {
  const isEnd = (one: { readonly text: string }) => one.text === ')';
  return insertions
    .map((one, order) => ({ ...one, order }))
    .sort((a, b) => a.at - b.at || Number(isEnd(b)) - Number(isEnd(a)) || a.order - b.order)
    .reduceRight((whole, one) => whole.slice(0, one.at) + one.text + whole.slice(one.at), text);
}
