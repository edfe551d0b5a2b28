import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { assignedFields } from '../kit/fields.js';
import { nodesOf, parse, root, type SourceFile, sourceFiles } from '../kit/imports.js';

const files = sourceFiles('src', 'machines');

const { imports: forBrowsers, exports: exported } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as {
  imports: Readonly<Record<string, { 'latchkey-source': { default: string } }>>;
  exports: Readonly<Record<string, { 'latchkey-source'?: string }>>;
};

const entries = Object.values(exported).map((entry) => entry['latchkey-source']?.slice('./'.length) ?? '');

/**
 * The room of a file: a folder of src/ or of src/connection/; `machines`; or, for a file at the top of src/,
 * its own name. A file that is a whole entry of the package belongs to the room whose entry it is.
 */
function roomOf(path: string): string {
  if (path === 'src/connection/index.ts') return 'realtime';
  const [top = '', second = '', third, fourth] = path.split('/');
  if (top === 'machines') return 'machines';
  if (third === undefined) return second.replace(/\.ts$/, '');
  return second === 'connection' && fourth !== undefined ? third : second;
}

const values = [
  'redaction',
  'text',
  'surroundings',
  'clock',
  'environment',
  'errors',
  'platform',
  'checks',
  'log',
  'async',
  'token',
];
const services = [...values, 'machines', 'signing', 'http', 'sources', 'inspection', 'connection', 'sharing'];

/** The allowed imports, by room, the lowest room first. A room may always import itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  text: [],
  redaction: ['text'],
  chance: [],
  surroundings: [],
  clock: ['surroundings'],
  environment: ['surroundings'],
  errors: ['surroundings', 'redaction'],
  checks: ['errors'],
  platform: ['surroundings', 'text', 'redaction', 'errors', 'checks'],
  log: ['redaction', 'clock', 'errors', 'platform', 'checks'],
  async: ['surroundings', 'clock', 'errors', 'platform', 'log'],
  token: ['text', 'errors', 'platform', 'checks', 'redaction'],
  machines: ['errors', 'checks', 'token'],
  signing: ['errors', 'platform', 'token'],
  http: values,
  sharing: values,
  sources: [...values, 'machines', 'signing', 'http'],
  inspection: ['redaction', 'checks', 'log', 'async'],
  connection: ['surroundings', 'clock', 'errors', 'platform', 'log', 'async', 'token'],
  options: services,
  link: ['redaction', 'errors', 'platform', 'log', 'async', 'token', 'sources', 'connection'],
  realtime: [...values, 'machines', 'http', 'inspection', 'connection', 'options'],
  'ably-js': [...values, 'connection'],
  stack: [...values, 'connection'],
  'graphql-ws': [...values, 'connection', 'stack'],
  hocuspocus: [...values, 'connection', 'stack'],
  reconnecting: [...values, 'connection', 'stack'],
  'socket-io': [...values, 'connection', 'stack'],
  client: [...services, 'options', 'link'],
  auth: [...services, 'options', 'client'],
  inspect: ['redaction', 'inspection', 'client'],
  index: [...services, 'options', 'client', 'auth', 'inspect'],
  testing: [...values, 'chance', 'machines', 'connection', 'sharing', 'realtime', 'index'],
  react: [...values, 'connection', 'client', 'auth'],
  server: [...values, 'signing', 'http', 'client', 'auth'],
  sandbox: ['chance', 'surroundings', 'clock', 'errors', 'checks', 'token'],
  studio: [...services, 'client', 'index'],
  cli: [...services, 'realtime', 'client', 'index', 'sandbox', 'server', 'studio'],
  // What `npm start` runs, in a page.
  playground: ['clock', 'index', 'sandbox', 'studio', 'cli'],
};

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
  path.startsWith('machines/')
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
  (name: string, ...doors: readonly string[]): Rule =>
  ({ path, imports }) =>
    imports.some(
      ({ target, isTypeOnly }) =>
        (target === name || target.startsWith(`${name}/`)) && !isTypeOnly && !doors.includes(path),
    )
      ? [`${path} imports ${name}`]
      : [];

/** The adapters take what an app has made with these, and know only its shape. */
const stacks =
  /^(graphql-ws|graphql|socket\.io(-client)?|@hocuspocus\/.*|partysocket|reconnecting-websocket|y-websocket|@trpc\/.*|mqtt)$/;

const noStack: Rule = ({ path, imports }) =>
  path.startsWith('src/connection/')
    ? imports.filter(({ target }) => stacks.test(target)).map(({ target }) => `${path} → ${target}`)
    : [];

/** A user of Latchkey without React must not have to install React. */
const reactInItsRoom: Rule = ({ path, imports }) =>
  imports
    .filter(({ target }) => /^react(-dom)?($|\/)/.test(target) && !path.startsWith('src/react/'))
    .map(({ target }) => `${path} → ${target}`);

const nodeOnly = /^src\/(cli|studio\/server)\/|\.node\.ts$/;

const nodeStaysOut: Rule = ({ path, imports }) =>
  imports
    .filter(({ target }) => (target.startsWith('node:') || target === 'ws') && !nodeOnly.test(path))
    .map(({ target }) => `${path} → ${target}`);

/** The files that may read the platform's time and random numbers, with the reasons. */
const sanctioned: Readonly<Record<string, string>> = {
  'src/clock.ts': 'the clock itself',
  'src/options/client-options.ts': 'Math.random, where the caller gives no other',
  'src/connection/realtime/options.ts': 'Math.random, where the caller gives no other',
};

/** Sources of time and chance of the platform, which would make tests depend on it. */
const untold = new Set(['Date.now', 'Math.random', 'performance.now', 'setTimeout', 'setInterval']);
const globals = /^(globalThis|window|self|global)\./;

const portsForTime: Rule = (file) => {
  // The studio draws at the browser's speed, whatever clock the client uses.
  if (file.path in sanctioned || /^src\/studio\/(page|ui)\//.test(file.path)) return [];
  return nodesOf(file).flatMap((node) => {
    const used = sourceOfTime(node);
    return used === undefined ? [] : [`${file.path} uses ${used}`];
  });
};

/** Finds `Date.now` and similar, called or passed on; `new Date()`; `const { now } = Date`. */
function sourceOfTime(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
    const callee = node.expression.getText().replace(globals, '');
    if (callee === 'Date' && (node.arguments?.length ?? 0) === 0) return 'Date()';
    return ts.isIdentifier(node.expression) && untold.has(callee) ? callee : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const path = node.getText().replace(/[?!]/g, '').replace(globals, '');
    return untold.has(path) ? path : undefined;
  }
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
    const from = node.initializer?.getText().replace(globals, '') ?? '';
    return /^(Date|Math|performance|globalThis|window|self|global)$/.test(from)
      ? `parts of ${from}`
      : undefined;
  }
  return undefined;
}

/** What the platform may lack, or does in a way of its own: by name, as a value. */
const platformNames = new Set(
  [
    'fetch Request Response Headers FormData Blob URL URLSearchParams AbortController AbortSignal DOMException',
    'TextEncoder TextDecoder ReadableStream TransformStream WritableStream atob btoa crypto structuredClone',
    'queueMicrotask MessageChannel BroadcastChannel Event EventTarget CustomEvent WebSocket XMLHttpRequest',
    'document location origin navigator window self performance localStorage sessionStorage indexedDB WeakRef',
    'FinalizationRegistry Buffer process require Intl requestAnimationFrame setImmediate reportError isSecureContext',
  ].flatMap((names) => names.split(' ')),
);
const globalObjects = new Set(['globalThis', 'window', 'self', 'global']);
/** What only some platforms have of what all have. */
const platformMembers = /^(Symbol\.(dispose|asyncDispose)|.*\.throwIfAborted)$/;

/** Rooms and files that have a platform of their own, or are what asks it. */
const asksThePlatform =
  /^src\/(platform|server|sandbox|cli|studio|playground|testing|sharing\/redis)\/|\.node\.ts$/;

/** Ports, which tests bring for themselves. */
const platformPorts: Readonly<Record<string, readonly string[]>> = {
  'src/clock.ts': ['performance'],
  'src/surroundings.ts': ['globalThis[name]'],
  'src/connection/realtime/websocket.web.ts': ['WebSocket'],
};

const onePlatform: Rule = (file) => {
  if (asksThePlatform.test(file.path)) return [];
  const sanctionedHere = platformPorts[file.path] ?? [];
  return nodesOf(file)
    .flatMap((node) => platformNameIn(node) ?? [])
    .filter((name) => !sanctionedHere.includes(name))
    .map((name) => `${file.path} asks the platform for ${name}`);
};

/** The name of what a node takes of the platform, as a value; undefined for anything else. */
function platformNameIn(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    const text = node.getText().replace(/[?!]/g, '');
    if (platformMembers.test(text)) return text;
    if (!ts.isIdentifier(node.expression) || !globalObjects.has(node.expression.text)) return undefined;
    if (ts.isElementAccessExpression(node)) return text;
    return platformNames.has(node.name.text) ? node.name.text : undefined;
  }
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
    const from = node.initializer?.getText() ?? '';
    return globalObjects.has(from) ? `parts of ${from}` : undefined;
  }
  if (!ts.isIdentifier(node) || !platformNames.has(node.text) || !isValue(node)) return undefined;
  return isDeclaredAround(node) ? undefined : node.text;
}

/** Whether an identifier is read as a variable: no name of a member, no type, no declaration. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isTypeQueryNode(parent) || ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent))
    return false;
  if (ts.isExpressionWithTypeArguments(parent))
    return ts.isHeritageClause(parent.parent) && isOfClass(parent.parent);
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isImportClause(parent)) return false;
  const named = parent as ts.Node & { readonly name?: ts.Node };
  return named.name !== node;
}

const isOfClass = (clause: ts.HeritageClause): boolean =>
  clause.token === ts.SyntaxKind.ExtendsKeyword && ts.isClassLike(clause.parent);

/** Whether a scope around it declares that name: a parameter, a variable, a function, a class, an import. */
function isDeclaredAround(node: ts.Identifier): boolean {
  for (let scope: ts.Node = node.parent; scope !== undefined; scope = scope.parent) {
    if (declaredIn(scope).includes(node.text)) return true;
  }
  return false;
}

function declaredIn(scope: ts.Node): readonly string[] {
  if (ts.isFunctionLike(scope)) return scope.parameters.flatMap(({ name }) => namesIn(name));
  if (ts.isCatchClause(scope))
    return scope.variableDeclaration ? namesIn(scope.variableDeclaration.name) : [];
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) {
    const { initializer } = scope;
    return initializer && ts.isVariableDeclarationList(initializer) ? namesOfList(initializer) : [];
  }
  if (!ts.isSourceFile(scope) && !ts.isBlock(scope)) return [];
  return scope.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return namesOfList(statement.declarationList);
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
      return statement.name ? [statement.name.text] : [];
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
    return bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
  });
}

const namesOfList = (list: ts.VariableDeclarationList): string[] =>
  list.declarations.flatMap(({ name }) => namesIn(name));

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

/** What Hermes 0.12 lacks, or esbuild leaves in scripts for Chromium 92, which does not know it. */
const oldEngines: Rule = (file) =>
  /^src\/(server|sandbox|cli|studio|playground|testing)\//.test(file.path)
    ? []
    : nodesOf(file).flatMap((node) =>
        ts.isClassStaticBlockDeclaration(node) ||
        (ts.isCallExpression(node) &&
          /\.(at|findLast|findLastIndex)$/.test(node.expression.getText(file.syntax)))
          ? [`${file.path}: ${node.getText(file.syntax)}`]
          : [],
      );

const noDefaultExport: Rule = (file) =>
  nodesOf(file).some(
    (node) =>
      ts.isExportAssignment(node) ||
      (ts.isExportSpecifier(node) && node.name.text === 'default') ||
      (ts.canHaveModifiers(node) &&
        ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)),
  )
    ? [`${file.path} has a default export`]
    : [];

const noAny: Rule = (file) =>
  nodesOf(file).some((node) => node.kind === ts.SyntaxKind.AnyKeyword) ? [`${file.path} has an any`] : [];

/** Lines of code: docstrings are not counted, or the best described classes would be the first to break the rule. */
const oneIdea: Rule = ({ path, text }) => {
  const lines = text.split('\n').filter((line) => !/^\s*(\/\/|\/\*|\*|$)/.test(line)).length;
  return lines > 340 ? [`${path} has ${lines} lines of code`] : [];
};

const telling: Rule = ({ path }) =>
  /(^|\/)(utils?|helpers?|common|types|misc)\.ts$/.test(path) ? [`${path} says nothing`] : [];

const nothingLeftToDo: Rule = ({ path, text }) =>
  /\b(TODO|FIXME|XXX)\b|@ts-ignore/.test(text) ? [`${path} is not done`] : [];

/** Exported classes: an object of an app may be of another copy of the package. */
const publicClasses = new Set(
  files
    .filter(({ path }) => entries.includes(path))
    .flatMap(nodesOf)
    .flatMap((node) => (ts.isExportSpecifier(node) ? [node.name.text] : [])),
);

const twoCopies: Rule = (file) =>
  // Decides which errors are of this copy and stay, and which must be copied.
  file.path === 'src/errors/error-info.ts'
    ? []
    : nodesOf(file).flatMap((node) =>
        publicClasses.has(classAskedFor(node)?.getText(file.syntax) ?? '')
          ? [`${file.path}: ${node.getText(file.syntax)}`]
          : [],
      );

/** The class in an `instanceof`, or in the safe form `isA()`. */
function classAskedFor(node: ts.Node): ts.Node | undefined {
  if (ts.isCallExpression(node)) return node.expression.getText() === 'isA' ? node.arguments[1] : undefined;
  const isAsking = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  return isAsking ? node.right : undefined;
}

/** The folders of components that are a mode and a table. */
const tables = ['src/connection/link/', 'src/connection/ably-js/'];

/** Each event leads to a new mode by the table; no other field is assigned. */
const oneMode: Rule = (file) =>
  tables.some((folder) => file.path.startsWith(folder))
    ? assignedFields(file)
        .filter((name) => name !== '#mode')
        .map((name) => `${file.path} assigns ${name}`)
    : [];

/** Each rule with a file that breaks it, because a rule that cannot fail proves nothing. */
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
    'rxjs has one door, which is narrower in Node',
    oneDoor('rxjs', 'src/async/rxjs.node.ts', 'src/async/rxjs.web.ts'),
    'src/auth.ts',
    "import { Subject } from 'rxjs';",
  ],
  [
    'the official SDK is not imported: the application brings it',
    oneDoor('ably', ''),
    'src/connection/a.ts',
    "import { Realtime } from 'ably';",
  ],
  [
    'the libraries of other stacks are not imported: an app brings its own',
    noStack,
    'src/connection/graphql-ws/a.ts',
    "import { createClient } from 'graphql-ws';",
  ],
  [
    'eventemitter3 has one door',
    oneDoor('eventemitter3', 'src/client/emitter.node.ts', 'src/client/emitter.web.ts'),
    'src/auth.ts',
    "import { EventEmitter } from 'eventemitter3';",
  ],
  ['React has one room', reactInItsRoom, 'src/auth.ts', "import { useState } from 'react';"],
  [
    'MessagePack has one door',
    oneDoor('@msgpack/msgpack', 'src/sandbox/format.ts'),
    'src/connection/a.ts',
    "import { decode } from '@msgpack/msgpack';",
  ],
  [
    'what only Node has stays in the rooms for Node',
    nodeStaysOut,
    'src/http/a.ts',
    "import { x } from 'node:fs';",
  ],
  ['time and chance come in through ports', portsForTime, 'src/http/a.ts', 'const now = Date.now();'],
  [
    'what platforms lack or do in ways of their own is asked of one room',
    onePlatform,
    'src/http/a.ts',
    "const address = new URL('https://example.com');",
  ],
  ['nothing is exported by default', noDefaultExport, 'src/a.ts', 'export default 1;'],
  ['nothing is any', noAny, 'src/a.ts', 'const x: any = 1;'],
  ['a file says one thing', oneIdea, 'src/a.ts', 'const a = 1;\n'.repeat(341)],
  ['a file has a telling name', telling, 'src/http/utils.ts', ''],
  [
    'what an app hands in is known by its brand, not by instanceof: there may be two copies of the package',
    twoCopies,
    'src/server/a.ts',
    'const isOne = (given: unknown) => given instanceof Refusal;',
  ],
  [
    'the client needs no method and no syntax that old engines lack',
    oldEngines,
    'src/token/a.ts',
    'class A { static {} }',
  ],
  [
    "the client's end of a connection has one field that changes: its mode",
    oneMode,
    'src/connection/link/a.ts',
    'class A { #want = 1; hear() { this.#want = 2; } }',
  ],
  [
    'the adapter for the official SDK has one field that changes: its mode',
    oneMode,
    'src/connection/ably-js/a.ts',
    'class A { #answers = 1; hear() { this.#answers = 2; } }',
  ],
  ['nothing is left to do', nothingLeftToDo, 'src/a.ts', `// ${'TO'}${'DO'}: all of it`],
];

/** Violations of a rule that a text search would miss, and code that only looks like one. */
const disguises: readonly [rule: Rule, text: string, breaks: boolean][] = [
  [arrows, "type X = import('../http/rest.js').Rest;", true],
  [portsForTime, "const page = 'https://x'; Date.now();", true],
  [portsForTime, 'globalThis.setTimeout(run, 5);', true],
  [portsForTime, 'const chance = Math.random;', true],
  [portsForTime, 'const { now } = Date;', true],
  [portsForTime, 'const today = new Date();', true],
  [portsForTime, 'clock.setTimeout(run, 5); new Date(5);', false],
  [portsForTime, "// Date.now()\nconst text = 'Math.random()';", false],
  [onePlatform, 'globalThis.crypto.getRandomValues(bytes);', true],
  [onePlatform, "globalThis['crypto'];", true],
  [onePlatform, 'const { fetch } = globalThis;', true],
  [onePlatform, 'const ask = fetch;', true],
  [onePlatform, 'const services = { fetch };', true],
  [onePlatform, 'const f = (ask = fetch) => ask;', true],
  [onePlatform, 'const f = ({ ask = fetch }) => ask;', true],
  [onePlatform, 'class Mine extends URL {}', true],
  [onePlatform, 'function f(fetch) {} fetch();', true],
  [onePlatform, 'if (typeof AbortSignal.any === "function") run();', true],
  [onePlatform, 'class A { [Symbol.dispose]() {} }', true],
  [onePlatform, 'signal?.throwIfAborted();', true],
  [onePlatform, 'const f = (given) => given instanceof Headers;', true],
  [onePlatform, 'type A = typeof fetch; const f = (url: URL): Response => ask(url);', false],
  [onePlatform, 'function f({ fetch }) { return () => fetch("a"); }', false],
  [onePlatform, 'import { fetch } from "./a.js"; fetch("a");', false],
  [onePlatform, 'const a = options.fetch; const b = { fetch: 1, URL: 2 };', false],
  [onePlatform, 'class A { fetch() { return this.fetch(); } }', false],
  [noAny, 'const x: Record<string, any> = {};', true],
  [noAny, 'let x: string | any[];', true],
  [noAny, "// any\nconst any = 'as any';", false],
  [twoCopies, 'if (thrown instanceof StopRenewing) throw thrown;', true],
  [twoCopies, 'if (isA(thrown, StopRenewing)) throw thrown;', true],
  [twoCopies, 'if (isA(thrown, Error)) throw thrown;', false],
  [twoCopies, 'if (thrown instanceof TypeError || thrown instanceof UnfitBody) throw thrown;', false],
  [oldEngines, 'const last = list.at(-1);', true],
  [oldEngines, 'const last = list?.findLast(isOne);', true],
  [oldEngines, 'class A { static at = 1; }', false],
  [noDefaultExport, 'const x = 1; export { x as default };', true],
  [noDefaultExport, '  export default function x() {}', true],
  [noDefaultExport, 'switch (x) { default: break; }', false],
];

/** Ways to assign a field, and code that only looks like one. */
const assignments: readonly [text: string, names: readonly string[]][] = [
  ['class A { #a = 1; b() { this.#a += 2; } }', ['#a']],
  ['class A { #a = 1; b() { this.#a++; --this.#c; } }', ['#a', '#c']],
  ['class A { #a; b() { [this.#a, this.c] = [1, 2]; ({ d: this.#d } = this.e); } }', ['#a', '#d', 'c']],
  ['class A { #a; constructor() { on(() => { this.#a = 1; }); } }', ['#a']],
  ['class A { #a; b() { this.#a ??= 1; delete this.c; } }', ['#a', 'c']],
  ['class A { #a; constructor() { this.#a = 1; } b() { other.#a = this.#a; this.#a === 2; } }', []],
];

describe('the architecture', () => {
  it.each(assignments)('the check recognises an assignment of a field: %s', (text, names) => {
    expect(assignedFields(parse('src/a.ts', text))).toEqual(names);
  });

  it.each(rules)('%s', (_title, rule) => {
    expect(files.flatMap(rule)).toEqual([]);
  });

  it.each(rules)('the rule can fail: %s', (_title, rule, path, text) => {
    expect(rule(parse(path, text))).not.toEqual([]);
  });

  it.each(disguises)('the check recognises disguised violations, rule %#', (rule, text, breaks) => {
    expect(rule(parse('src/token/a.ts', text)).length > 0).toBe(breaks);
  });

  it('no exception is listed for a file that is gone or does not need it', () => {
    const needed = Object.keys(sanctioned).filter((path) =>
      files.some((file) => file.path === path && nodesOf(file).some((node) => sourceOfTime(node))),
    );
    expect(needed).toEqual(Object.keys(sanctioned));
  });

  it('sanctions no port of the platform that is gone or needs it no more', () => {
    for (const [path, names] of Object.entries(platformPorts)) {
      const file = files.find((one) => one.path === path);
      const used = new Set(file && nodesOf(file).map(platformNameIn));
      expect([...used].filter((name) => name !== undefined)).toEqual(expect.arrayContaining([...names]));
    }
  });

  it('the imports have no cycles', () => {
    expect(cyclesIn(files)).toEqual([]);
    const a = parse('src/a.ts', "import { b } from './b.js';");
    const b = parse('src/b.ts', "import { a } from './a.js';");
    expect(cyclesIn([a, b])).not.toEqual([]);
  });

  it('the entries for browsers reach nothing of Node', () => {
    for (const entry of [
      'src/index.ts',
      'src/connection/index.ts',
      'src/connection/ably-js/index.ts',
      'src/connection/graphql-ws/index.ts',
      'src/connection/hocuspocus/index.ts',
      'src/connection/reconnecting/index.ts',
      'src/connection/socket-io/index.ts',
      'src/connection/stack/index.ts',
      'src/testing/index.ts',
      'src/react/index.ts',
      'src/inspect.ts',
      'src/studio/index.ts',
      'src/server/index.ts',
      'src/sharing/redis/index.ts',
      'src/sandbox/index.ts',
      'src/playground/main.ts',
      'machines/index.ts',
    ]) {
      const reached = reachedFrom(entry);
      expect(reached.filter(isOfNode)).toEqual([]);
      expect(reached.length).toBeGreaterThan(1);
    }
    expect(reachedFrom('src/index.ts')).toContain('src/signing/hmac.noble.ts');
    expect(reachedFrom('src/sandbox/index.ts')).toContain('src/sandbox/listen.web.ts');
    expect(reachedFrom('src/cli/start.ts').filter(isOfNode)).not.toEqual([]);
  });
});

const isOfNode = (target: string) => target.startsWith('node:') || target === 'ws';

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

/** The files and packages that an entry brings into a browser, by the conditions of package.json. */
function reachedFrom(entry: string): string[] {
  const index = byPath(files);
  const reached = new Set<string>();
  const visit = (name: string): void => {
    const path = forBrowsers[name]?.['latchkey-source'].default.slice('./'.length) ?? name;
    if (reached.has(path)) return;
    reached.add(path);
    for (const { target, isTypeOnly } of index.get(path)?.imports ?? []) if (!isTypeOnly) visit(target);
  };
  visit(entry);
  return [...reached];
}
