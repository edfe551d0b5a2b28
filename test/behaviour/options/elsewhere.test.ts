import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { connectionOptions, sdkOptions } from '../../../src/options/elsewhere.js';
import { fieldOf } from '../../../src/redaction/received.js';

/** What to do about an option of this name. undefined: the option is known. */
function adviceOf(make: (option: object) => unknown, name: string): string | undefined {
  try {
    make({ [name]: undefined });
    return undefined;
  } catch (thrown) {
    expect(fieldOf(thrown, 'message')).toBe(`unknown option ${JSON.stringify(name)}`);
    return String(fieldOf(thrown, 'remediation'));
  }
}

const auth = (option: object) => new Auth({ ...option, key: 'app.key:secret' });
const connection = (option: object) => new RealtimeConnection(option);

/** The options of the `ably` package, read from its types. */
function optionsOfAbly(): readonly string[] {
  const text = readFileSync(new URL('../../../node_modules/ably/ably.d.ts', import.meta.url), 'utf8');
  const source = ts.createSourceFile('ably.d.ts', text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) =>
    ts.isInterfaceDeclaration(statement) && /^(Client|Auth)Options$/.test(statement.name.text)
      ? statement.members.map((member) => member.name?.getText() ?? '')
      : [],
  );
}

describe('an option that Auth does not have', () => {
  it.each(connectionOptions[1].split(' '))('%s belongs to RealtimeConnection, which accepts it', (name) => {
    expect(adviceOf(auth, name)).toContain('new RealtimeConnection(');
    expect(adviceOf(connection, name)).toBeUndefined();
  });

  it.each(sdkOptions[1].split(' '))(
    "%s belongs to Ably's SDK, and no entry of Latchkey accepts it",
    (name) => {
      for (const make of [auth, connection]) expect(adviceOf(make, name)).toContain("Ably's SDK");
    },
  );

  it("each option of Ably's SDK is known, or the error says where it belongs", () => {
    const names = optionsOfAbly();
    expect(names).toEqual(expect.arrayContaining(['recover', 'autoConnect', 'authUrl', 'tls']));
    for (const name of names)
      expect(adviceOf(auth, name) ?? 'new Auth', name).toMatch(/new (Auth|RealtimeConnection|Ably)/);
  });
});
