import { describe, expect, it } from 'vitest';
import { parse, type SourceFile, sourceFiles } from './imports.js';

const files = sourceFiles('src', 'machines');

/** The room a file is in: a folder of src/, `machines`, or for files at the top of src/ their own name. */
function roomOf(path: string): string {
  const [top = '', second = '', third] = path.split('/');
  if (top === 'machines') return 'machines';
  return third === undefined ? second.replace(/\.ts$/, '') : second;
}

const values = ['errors', 'error-codes', 'foreign-text', 'clock', 'token'];
const facade = [
  'auth',
  'auth-actor',
  'auth-state',
  'callback',
  'events',
  'inspect',
  'options',
  'token-stream',
  'client',
];

/** Who may import whom, by room; a room may always import itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'error-codes': [],
  'foreign-text': [],
  errors: ['error-codes', 'foreign-text'],
  clock: [],
  token: ['errors', 'error-codes'],
  machines: ['errors', 'error-codes', 'token'],
  signing: values,
  http: values,
  inspect: [],
  connection: [...values, 'machines', 'http', 'inspect'],
  sources: [...values, 'machines', 'http', 'signing'],
  ...Object.fromEntries(
    facade.map((name) => [
      name,
      [...values, 'machines', 'inspect', 'signing', 'http', 'connection', 'sources', ...facade],
    ]),
  ),
  index: [...values, 'machines', 'inspect', 'http', 'connection', 'sources', ...facade],
  testing: [...values, 'connection', 'index'],
  sandbox: ['clock', 'token'],
  studio: [...values, 'machines', 'connection', 'sandbox', 'index', ...facade],
  cli: [...values, 'machines', 'connection', 'sandbox', 'studio', 'index', ...facade],
};

/** Diagrams are drawn by a script that no product file imports. */
const scripts = new Set(['machines/diagrams.ts']);

type Rule = (file: SourceFile) => readonly string[];

const inside = (target: string) => target.startsWith('src/') || target.startsWith('machines/');

const arrows: Rule = ({ path, imports }) => {
  const room = roomOf(path);
  const allowed = rooms[room];
  if (allowed === undefined) return [`${path}: the room ${room} has no rule`];
  return imports
    .filter(({ target }) => inside(target) && roomOf(target) !== room && !allowed.includes(roomOf(target)))
    .map(({ target }) => `${path} → ${target}`);
};

const pureMachines: Rule = ({ path, imports }) =>
  path.startsWith('machines/') && !scripts.has(path)
    ? imports
        .filter(({ target }) => !inside(target) && target !== 'xstate')
        .map(({ target }) => `${path} → ${target}`)
    : [];

const honestWitness: Rule = ({ path, imports }) =>
  path.startsWith('src/sandbox/')
    ? imports
        .filter(({ target, isTypeOnly }) => target.startsWith('src/token/') && !isTypeOnly)
        .map(({ target }) => `${path} → ${target}`)
    : [];

const oneDoor =
  (name: string, door: string): Rule =>
  ({ path, imports }) =>
    imports.some(
      ({ target, isTypeOnly }) =>
        (target === name || target.startsWith(`${name}/`)) && !isTypeOnly && path !== door,
    )
      ? [`${path} imports ${name}`]
      : [];

const nodeOnly = /^src\/(sandbox|cli|studio)\/(?!page\/)|\.node\.ts$/;

const nodeStaysOut: Rule = ({ path, imports }) =>
  imports
    .filter(
      ({ target }) =>
        (target.startsWith('node:') || target === 'ws') && !nodeOnly.test(path) && !scripts.has(path),
    )
    .map(({ target }) => `${path} → ${target}`);

const portsForTime: Rule = ({ path, text }) => {
  const exempt = new Set(['src/clock.ts', 'src/testing/virtual-clock.ts', 'src/cli/shiftable-clock.ts']);
  if (exempt.has(path) || path.startsWith('src/studio/page/')) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const banned =
    /Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|(?<![.\w])(setTimeout|setInterval)\(/g;
  return [...code.matchAll(banned)].map(([what]) => `${path} uses ${what}`);
};

const noDefaultExport: Rule = ({ path, text }) =>
  /^export default /m.test(text) ? [`${path} has a default export`] : [];

const noAny: Rule = ({ path, text }) =>
  /(:|<|\bas) any\b/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')) ? [`${path} has an any`] : [];

const oneIdea: Rule = ({ path, text }) => {
  const lines = text.split('\n').length;
  return lines > 400 && !path.endsWith('.machine.ts') && path !== 'src/auth.ts'
    ? [`${path} has ${lines} lines`]
    : [];
};

const telling: Rule = ({ path }) =>
  /(^|\/)(utils?|helpers?|common|types|misc)\.ts$/.test(path) ? [`${path} says nothing`] : [];

const nothingLeftToDo: Rule = ({ path, text }) =>
  /\b(TODO|FIXME|XXX)\b|@ts-ignore/.test(text) ? [`${path} is not done`] : [];

/** Each rule with a file that breaks it: a rule that cannot fail is none. */
const rules: readonly [title: string, rule: Rule, path: string, text: string][] = [
  ['rooms import only rooms below them', arrows, 'src/token/a.ts', "import { x } from '../http/rest.js';"],
  [
    'machines know xstate, values and errors, nothing else',
    pureMachines,
    'machines/a.ts',
    "import { x } from 'rxjs';",
  ],
  [
    'the sandbox shares token types with the client, no code',
    honestWitness,
    'src/sandbox/a.ts',
    "import { x } from '../token/capability.js';",
  ],
  [
    'rxjs has one door',
    oneDoor('rxjs', 'src/token-stream.ts'),
    'src/auth.ts',
    "import { Subject } from 'rxjs';",
  ],
  [
    'eventemitter3 has one door',
    oneDoor('eventemitter3', 'src/events.ts'),
    'src/auth.ts',
    "import { EventEmitter } from 'eventemitter3';",
  ],
  [
    'what only Node has stays in the rooms for Node',
    nodeStaysOut,
    'src/http/a.ts',
    "import { x } from 'node:fs';",
  ],
  ['time and chance come in through ports', portsForTime, 'src/http/a.ts', 'const now = Date.now();'],
  ['nothing is exported by default', noDefaultExport, 'src/a.ts', 'export default 1;'],
  ['nothing is any', noAny, 'src/a.ts', 'const x: any = 1;'],
  ['a file says one thing', oneIdea, 'src/a.ts', 'const a = 1;\n'.repeat(401)],
  ['a file has a telling name', telling, 'src/http/utils.ts', ''],
  ['nothing is left to do', nothingLeftToDo, 'src/a.ts', `// ${'TO'}${'DO'}: all of it`],
];

describe('the architecture', () => {
  it.each(rules)('%s', (_title, rule) => {
    expect(files.flatMap(rule)).toEqual([]);
  });

  it.each(rules)('has a rule that can fail: %s', (_title, rule, path, text) => {
    expect(rule(parse(path, text))).not.toEqual([]);
  });

  it('has no cycles of imports', () => {
    expect(cyclesIn(files)).toEqual([]);
    const a = parse('src/a.ts', "import { b } from './b.js';");
    const b = parse('src/b.ts', "import { a } from './a.js';");
    expect(cyclesIn([a, b])).not.toEqual([]);
  });

  it('reaches nothing of Node from the entries that browsers import', () => {
    for (const entry of [
      'src/index.ts',
      'src/connection/index.ts',
      'src/testing/index.ts',
      'machines/index.ts',
    ]) {
      const reached = reachedFrom(entry);
      expect(reached.filter((target) => target.startsWith('node:') || target === 'ws')).toEqual([]);
      expect(reached.length).toBeGreaterThan(1);
    }
  });
});

const byPath = (all: readonly SourceFile[]) => new Map(all.map((file) => [file.path, file]));

function cyclesIn(all: readonly SourceFile[]): string[] {
  const index = byPath(all);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const { target, isTypeOnly } of index.get(path)?.imports ?? []) {
      if (!isTypeOnly) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of all) visit(path, []);
  return found;
}

/** Files and packages that come with an entry; what a condition of package.json chooses is not followed. */
function reachedFrom(entry: string): string[] {
  const index = byPath(files);
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { target, isTypeOnly } of index.get(path)?.imports ?? []) if (!isTypeOnly) visit(target);
  };
  visit(entry);
  return [...reached];
}
