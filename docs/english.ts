import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const MOST = 40;

interface Sentence {
  readonly place: string;
  readonly text: string;
}

const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' });
const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** The messages and docstrings of a source file. */
function ofSource(path: string): Sentence[] {
  const text = readFileSync(root + path, 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Sentence[] = [];
  const add = (at: number, words: string) => {
    if (words.trim().split(/\s+/).length >= 4)
      found.push({ place: `${path}:${lineAt(text, at)}`, text: words.replace(/\s+/g, ' ') });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node.getStart(), node.text);
    if (ts.isTemplateExpression(node)) add(node.getStart(), node.getText().slice(1, -1));
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { 0: whole, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const words =
      whole
        .slice(3, -2)
        .replace(/^\s*\* ?/gm, '')
        .split(/\n\s*@|```/)[0] ?? '';
    add(index, words.replace(/\s+/g, ' ').trim());
  }
  return found;
}

/** The paragraphs, list items and table rows of a page. */
function ofPage(path: string): Sentence[] {
  const text = readFileSync(root + path, 'utf8');
  return [
    ...text
      .replace(/```[\s\S]*?```/g, (code) => code.replace(/[^\n]/g, ''))
      .matchAll(/(?:^[^\n|#<!-].*\n)+|^- .*\n(?: {2}.*\n)*|^\|(?! ?-).*\n/gm),
  ]
    .map(({ 0: words, index }) => ({
      place: `${path}:${lineAt(text, index)}`,
      text: words.replace(/\s+/g, ' ').trim(),
    }))
    .filter(({ text: words }) => words.split(' ').length >= 4);
}

const files = git(
  'ls-files',
  'src/**/*.ts',
  'src/*.ts',
  'machines/*.ts',
  '*.md',
  'docs/**/*.md',
  ':!src/studio/ui/style',
)
  .trim()
  .split('\n');
const all = [...new Set(files)].flatMap((path) => (path.endsWith('.md') ? ofPage(path) : ofSource(path)));
// The hash of the last commit is the seed, so that no person chooses the sample.
const { values } = parseArgs({ options: { seed: { type: 'string' } } });
let seed = Number.parseInt(values.seed ?? git('rev-parse', 'HEAD').slice(0, 8), 16);
if (Number.isNaN(seed)) throw new TypeError(`--seed must be a hexadecimal number; got ${values.seed}`);
const next = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
for (let count = 0; count < MOST; count += 1) {
  const [one] = all.splice(Math.floor(next() * all.length), 1);
  if (one !== undefined) console.log(`- \`${one.place}\` ${one.text}`);
}
