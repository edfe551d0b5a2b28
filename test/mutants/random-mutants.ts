import ts from 'typescript';
import { parse, type SourceFile } from '../kit/imports.js';

/** One change of one source file. */
export interface RandomMutant {
  readonly file: string;
  readonly line: number;
  /** The kind of change, in the plural. */
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

type Kind = 'conditions' | 'booleans' | 'operators' | 'constants' | 'statements' | 'charts';

const { SyntaxKind } = ts;

const operators: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [SyntaxKind.PlusToken, '-'],
  [SyntaxKind.MinusToken, '+'],
  [SyntaxKind.AsteriskToken, '/'],
  [SyntaxKind.SlashToken, '*'],
  [SyntaxKind.AsteriskAsteriskToken, '*'],
  [SyntaxKind.PercentToken, '*'],
  [SyntaxKind.LessThanToken, '<='],
  [SyntaxKind.LessThanEqualsToken, '<'],
  [SyntaxKind.GreaterThanToken, '>='],
  [SyntaxKind.GreaterThanEqualsToken, '>'],
  [SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
  [SyntaxKind.PlusEqualsToken, '-='],
  [SyntaxKind.MinusEqualsToken, '+='],
]);

/** Properties of a chart's configuration that can be removed as a whole. */
const chartProperties = new Set(['always', 'entry', 'exit', 'actions', 'guard', 'onDone', 'onError']);
/** Properties that hold transitions by event name or by delay. */
const transitionTables = new Set(['on', 'after']);

/** Every mutant of a source file. */
export function mutantsOf(file: SourceFile): RandomMutant[] {
  const found: RandomMutant[] = [];
  const { syntax, text, path } = file;
  const add = (kind: Kind, node: ts.Node, after: string, end = node.getEnd()): void => {
    const start = node.getStart();
    const { line } = syntax.getLineAndCharacterOfPosition(start);
    found.push({ file: path, line: line + 1, kind, start, end, before: text.slice(start, end), after });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    const condition = conditionOf(node);
    if (condition !== undefined) add('conditions', condition, `!(${condition.getText()})`);
    if (node.kind === SyntaxKind.TrueKeyword) add('booleans', node, 'false');
    if (node.kind === SyntaxKind.FalseKeyword) add('booleans', node, 'true');
    if (ts.isBinaryExpression(node)) {
      const after = operators.get(node.operatorToken.kind);
      if (after !== undefined && !joinsTexts(node)) add('operators', node.operatorToken, after);
    }
    if (ts.isNumericLiteral(node) && !isName(node)) add('constants', node, other(node));
    if (isRemovable(node)) add('statements', node, ';');
    if (path.startsWith('machines/')) chartChanges(node, add, text);
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return found;
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  return ts.isConditionalExpression(node) || ts.isForStatement(node) ? node.condition : undefined;
}

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

/** Strings can only be joined by `+`, so this sign is not changed. */
const joinsTexts = ({ operatorToken, left, right }: ts.BinaryExpression): boolean =>
  (operatorToken.kind === SyntaxKind.PlusToken || operatorToken.kind === SyntaxKind.PlusEqualsToken) &&
  (isText(left) || isText(right));

/** A number that is the name of a property is not a constant. */
const isName = (node: ts.Node): boolean => ts.isPropertyAssignment(node.parent) && node.parent.name === node;

const other = (node: ts.NumericLiteral): string =>
  Number(node.text) === 0 ? '1' : `(${node.getText()} * 2)`;

/** Statements that can be removed from a program. */
function isRemovable(node: ts.Node): boolean {
  if (ts.isThrowStatement(node)) return true;
  if (!ts.isExpressionStatement(node) || ts.isStringLiteral(node.expression)) return false;
  return !(
    ts.isCallExpression(node.expression) && node.expression.expression.kind === SyntaxKind.SuperKeyword
  );
}

type Add = (kind: Kind, node: ts.Node, after: string, end?: number) => void;

function chartChanges(node: ts.Node, add: Add, text: string): void {
  const remove = (element: ts.Node): void => {
    const end = element.getEnd();
    add('charts', element, '', text[end] === ',' ? end + 1 : end);
  };
  if (!ts.isPropertyAssignment(node)) return;
  const name = node.name.getText();
  if (chartProperties.has(name)) remove(node);
  if (transitionTables.has(name) && ts.isObjectLiteralExpression(node.initializer))
    node.initializer.properties.forEach(remove);
  const isList = ts.isArrayLiteralExpression(node.initializer);
  if (isList && chartProperties.has(name)) node.initializer.elements.forEach(remove);
  if (isList && ts.isPropertyAssignment(node.parent.parent)) {
    const table = node.parent.parent.name.getText();
    if (transitionTables.has(table)) node.initializer.elements.forEach(remove);
  }
}

/** The text of the changed file. */
export const changed = ({ start, end, after }: RandomMutant, text: string): string =>
  text.slice(0, start) + after + text.slice(end);

/** A change on one line. */
export function described({ kind, before, after }: RandomMutant): string {
  const short = (words: string) => {
    const line = words.replaceAll(/\s+/g, ' ');
    return line.length > 90 ? `${line.slice(0, 89)}…` : line;
  };
  if (kind === 'statements' || kind === 'charts') return `removes ${short(before)}`;
  return `${short(before)} → ${short(after)}`;
}

/** Whether the changed text parses. A mutant that does not parse is a mistake of this script. */
export function isWhole(mutant: RandomMutant, text: string): boolean {
  const { syntax } = parse(mutant.file, changed(mutant, text));
  return (
    (syntax as unknown as { readonly parseDiagnostics: readonly unknown[] }).parseDiagnostics.length === 0
  );
}
