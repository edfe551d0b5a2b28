import ts from 'typescript';
import { nodesOf, type SourceFile } from './imports.js';

/**
 * The fields of `this` that a file assigns outside of a constructor, in any form: `=`, `+=`, `++`,
 * `[this.#a] = …`.
 */
export function assignedFields(file: SourceFile): string[] {
  const targets = nodesOf(file).flatMap((node): readonly ts.Node[] => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return targetsIn(node.left);
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
      return [PlusPlusToken, MinusMinusToken].includes(node.operator as never) ? [node.operand] : [];
    }
    return ts.isDeleteExpression(node) ? [node.expression] : [];
  });
  const fields = targets
    .filter((node) => isField(node) && !isInConstructor(node))
    .map((node) => nameIn(node));
  return [...new Set(fields)].sort();
}

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

/** The targets of an assignment; a pattern has several. */
function targetsIn(left: ts.Node): readonly ts.Node[] {
  if (!ts.isArrayLiteralExpression(left) && !ts.isObjectLiteralExpression(left)) return [left];
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(left);
  return found;
}

const isField = (node: ts.Node): node is ts.PropertyAccessExpression =>
  ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword;

const nameIn = (node: ts.Node): string => (node as ts.PropertyAccessExpression).name.text;

/** Whether a node is in the constructor itself: a function inside may run later. */
function isInConstructor(node: ts.Node): boolean {
  const around = ts.findAncestor(node, ts.isFunctionLike);
  return around !== undefined && ts.isConstructorDeclaration(around);
}
