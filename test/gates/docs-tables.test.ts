import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { Auth, type ClientOptions } from '../../src/index.js';
import { root } from '../kit/imports.js';

const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');

/** The rows of the first table below a heading, as cells without their backticks. */
function rowsBelow(text: string, heading: string): string[][] {
  const from = text.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(-1);
  const [, table = ''] = /\n\|[^\n]*\|\n\|[-|]+\|\n((?:\|[^\n]*\n)+)/.exec(text.slice(from)) ?? [];
  return table
    .trim()
    .split('\n')
    .map((row) =>
      row
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** The names in the first column. */
const names = (text: string, heading: string): string[] =>
  rowsBelow(text, heading).flatMap(([cell = '']) =>
    [...cell.matchAll(/`'?([^`']+)'?`/g)].map(([, name = '']) => name),
  );

/** The members of exported types, and the strings of unions of literals. */
function membersOf(code: string): Record<string, string[]> {
  const path = join(root, 'test', 'documented-types.ts');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.readFile = (name) => (name === path ? code : readFile(name));
  host.getSourceFile = (name, target, onError) =>
    name === path ? ts.createSourceFile(name, code, target) : getSourceFile(name, target, onError);
  const program = ts.createProgram([path], { ...options, noEmit: true }, host);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const found: Record<string, string[]> = {};
  for (const statement of file?.statements ?? []) {
    if (!ts.isTypeAliasDeclaration(statement)) continue;
    const type = checker.getTypeAtLocation(statement.name);
    const parts = type.isUnion() ? type.types : [type];
    found[statement.name.text] = parts.every((part) => part.isStringLiteral())
      ? parts.map((part) => (part as ts.StringLiteralType).value)
      : checker.getPropertiesOfType(type).map(({ name }) => name);
  }
  return found;
}

const sorted = (list: readonly string[] = []) => [...list].sort();

describe('the tables of the documentation', () => {
  let types: Record<string, string[]>;

  beforeAll(() => {
    types = membersOf(`
      import type { AuthEvents, AuthState, ClientOptions, Decision, RenewalOptions, TokenParams } from 'latchkey';
      import type { ConnectionStateChange, RealtimeConnectionOptions } from 'latchkey/connection';
      export type Options = ClientOptions;
      export type Renewal = RenewalOptions;
      export type Retry = NonNullable<RenewalOptions['retry']>;
      export type Params = TokenParams;
      export type OfConnection = RealtimeConnectionOptions;
      export type Events = AuthEvents;
      export type State = AuthState;
      export type Step = NonNullable<AuthState['next']>['step'];
      export type Value = AuthState['value'];
      export type Explained = Decision;
      export type Change = ConnectionStateChange;
    `);
  });

  it('the options table lists every option of the type ClientOptions', () => {
    expect(types.Options?.length).toBeGreaterThan(30);
    expect(sorted(names(page('options.md'), '## new Auth'))).toEqual(sorted(types.Options));
  });

  it('the options table lists exactly the options that a client reads', () => {
    const read = new Set<string>();
    const options: ClientOptions = { key: 'appId.keyId:secret' };
    const auth = new Auth(
      new Proxy(options, {
        get: (target, name) => {
          if (typeof name === 'string') read.add(name);
          return Reflect.get(target, name) as unknown;
        },
      }),
    );
    auth.dispose();
    const isKnown = (name: string) => {
      try {
        new Auth({ [name]: undefined, ...options }).dispose();
        return true;
      } catch {
        return false;
      }
    };
    expect(isKnown('nonsense')).toBe(false);
    expect(sorted(names(page('options.md'), '## new Auth'))).toEqual(sorted([...read].filter(isKnown)));
  });

  it('the tables of renewal and TokenParams list every field', () => {
    const text = page('options.md');
    const fields = text.slice(text.indexOf('## renewal')).replace(/\n\| value[\s\S]*?\n\n/, '\n');
    const retry = types.Retry?.map((name) => `retry.${name}`) ?? [];
    const renewal = types.Renewal?.filter((name) => name !== 'retry') ?? [];
    expect(sorted(names(`\n${fields}`, '## renewal'))).toEqual(sorted([...renewal, ...retry]));
    expect(sorted(names(text, '## TokenParams'))).toEqual(sorted(types.Params));
  });

  it('the section about RealtimeConnection names every option of it', () => {
    const text = page('options.md');
    const section = text.slice(text.indexOf('## new RealtimeConnection'));
    const shared = section.slice(0, section.indexOf('\n|')).matchAll(/`([a-zA-Z]+)`/g);
    const all = [...names(text, '## new RealtimeConnection'), ...[...shared].map(([, name = '']) => name)];
    expect(sorted(all)).toEqual(sorted(types.OfConnection));
  });

  it('the events table lists every event of auth.on', () => {
    expect(types.Events?.length).toBeGreaterThan(10);
    expect(sorted(names(page('events.md'), '## Events'))).toEqual(sorted(types.Events));
  });

  it('the tables of AuthState list every field, every state and every next step', () => {
    const text = page('events.md');
    const below = (start: string) => `\n## part\n${text.slice(text.indexOf(start))}`;
    expect(sorted(names(text, '## AuthState'))).toEqual(sorted(types.State));
    expect(sorted(names(below('\n| `next.step` |'), '## part'))).toEqual(sorted(types.Step));
    expect(sorted(names(below('\n| state | usable'), '## part'))).toEqual(sorted(types.Value));
  });

  it('the events page names every field of explain() and of a state change', () => {
    const text = page('events.md');
    expect(sorted(names(text, '## explain'))).toEqual(sorted(types.Explained));
    const change = text.slice(text.indexOf('A change has'));
    for (const name of types.Change ?? []) expect(change).toContain(`\`${name}\``);
  });

  it('the streams table names every stream', () => {
    const streams = names(page('events.md'), '## Streams').map((name) => name.split('.'));
    expect(streams.map(([owner]) => owner)).toEqual(['auth', 'auth', 'connection', 'connection']);
    const declared = ['src/auth.ts', 'src/connection/realtime/realtime-connection.ts'].flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/^ {2}get (\w+\$)\(/gm)].map(([, name]) => name),
    );
    expect(sorted(streams.map(([, name = '']) => name))).toEqual(sorted(declared.map(String)));
  });

  it('the README and the page of runtimes name every entry of the package', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
    const entries = Object.keys(exports).filter((name) => name !== './package.json');
    expect(entries.length).toBeGreaterThan(10);
    for (const text of [readFileSync(join(root, 'README.md'), 'utf8'), page('platforms.md')]) {
      for (const entry of entries) expect(text).toContain(`\`${entry.replace('.', 'latchkey')}\``);
    }
  });
});
