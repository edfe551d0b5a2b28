import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { root } from '../../test/kit/imports.js';

/** Rooms that are no part of the core: most apps load none of them. */
const AROUND = ['sandbox', 'studio', 'cli', 'server', 'testing', 'react'];

const { values } = parseArgs({
  options: { at: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const { at } = values;

const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const listed =
  at === undefined ? git('ls-files', '-co', '--exclude-standard') : git('ls-tree', '-r', '--name-only', at);
const files = listed.split('\n').filter((path) => /\.tsx?$/.test(path));
const textOf = (path: string) =>
  at === undefined ? readFileSync(join(root, path), 'utf8') : git('show', `${at}:${path}`);
const isThere = (path: string) => at !== undefined || existsSync(join(root, path));

/** Lines by what stands in them; a line with code and a comment counts as code. */
function linesOf(text: string): Readonly<Record<'code' | 'comment' | 'blank', number>> {
  const count = { code: 0, comment: 0, blank: 0 };
  let isInComment = false;
  for (const line of text
    .trimEnd()
    .split('\n')
    .map((one) => one.trim())) {
    isInComment ||= line.startsWith('/*');
    count[isInComment || line.startsWith('//') ? 'comment' : line === '' ? 'blank' : 'code'] += 1;
    if (line.includes('*/')) isInComment = false;
  }
  return count;
}

/** The name that a chain of calls and properties begins with: `it` of `it.each([])()`. */
function rootOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isTaggedTemplateExpression(node)) return rootOf(node.tag);
  return ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)
    ? rootOf(node.expression)
    : undefined;
}

/** Calls of `it` and `test`, each row of a table not counted, and of `expect`. */
function testsIn(text: string): Readonly<Record<'tests' | 'assertions', number>> {
  const count = { tests: 0, assertions: 0 };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const isWhole = !ts.isCallExpression(node.parent) || node.parent.expression !== node;
      const isTest = ['it', 'test'].includes(rootOf(node.expression) ?? '');
      if (isWhole && isTest) count.tests += 1;
      if (/^expect(\.soft|\.poll)?$/.test(node.expression.getText())) count.assertions += 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('test.tsx', text, ts.ScriptTarget.Latest, true));
  return count;
}

const core = { code: 0, comment: 0, blank: 0 };
const tests = new Map<string, { files: number; tests: number; assertions: number }>();
for (const path of files.filter(isThere)) {
  const [top = '', room = '', inner = ''] = path.split('/');
  if (top === 'machines' || (top === 'src' && !AROUND.includes(room))) {
    for (const [kind, count] of Object.entries(linesOf(textOf(path))))
      core[kind as keyof typeof core] += count;
  }
  if (top !== 'test') continue;
  const name = room === 'behaviour' ? `behaviour/${inner}` : room.includes('.') ? 'test' : room;
  const found = testsIn(textOf(path));
  if (found.tests + found.assertions === 0) continue;
  const before = tests.get(name) ?? { files: 0, tests: 0, assertions: 0 };
  tests.set(name, {
    files: before.files + 1,
    tests: before.tests + found.tests,
    assertions: before.assertions + found.assertions,
  });
}
const rows = [...tests].sort(([a], [b]) => a.localeCompare(b));
const sum = (name: 'files' | 'tests' | 'assertions') => rows.reduce((all, [, row]) => all + row[name], 0);
rows.push(['all', { files: sum('files'), tests: sum('tests'), assertions: sum('assertions') }]);

if (values.json) console.log(JSON.stringify({ core, tests: Object.fromEntries(rows) }));
else {
  console.log(
    `${at ?? 'the working tree'}: core lines ${core.code} code, ${core.comment} comment, ${core.blank} blank`,
  );
  console.log(`\n| tests in | files | tests | assertions |\n|---|---:|---:|---:|`);
  for (const [name, row] of rows)
    console.log(`| ${name} | ${row.files} | ${row.tests} | ${row.assertions} |`);
}
