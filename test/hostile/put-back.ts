import { spawnSync } from 'node:child_process';
import { mutate } from '../mutants/break-invariants.js';
import { copyOfTheTree } from '../mutants/tree.js';

/** A protection that is taken away, and the kinds of inputs that must notice it. */
interface Fault {
  readonly what: string;
  readonly file: string;
  /** A text that the file holds once. */
  readonly search: string;
  readonly replace: string;
  readonly kinds: string;
}

const faults: readonly Fault[] = [
  {
    what: 'a field of a value that throws when it is read ends the client',
    file: 'src/redaction/received.ts',
    search: `  try {
    return (from as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }`,
    replace: '  return (from as Readonly<Record<string, unknown>>)[name];',
    kinds: 'callbacks,adapters',
  },
  {
    what: 'the class of a value is asked without care',
    file: 'src/redaction/received.ts',
    search: `  try {
    return value instanceof kind;
  } catch {
    return false;
  }`,
    replace: '  return value instanceof kind;',
    kinds: 'callbacks,adapters',
  },
  {
    what: 'a server can park a client for years',
    file: 'src/errors/error-info.ts',
    search: 'const LONGEST_WAIT_MS = 3_600_000;',
    replace: 'const LONGEST_WAIT_MS = 3_600_000_000_000;',
    kinds: 'headers',
  },
  {
    what: 'errors and states show the secrets that were sent',
    file: 'src/redaction/text.ts',
    search: '  if (text.length <= LONGEST_READ) return hideKnown(text, known);',
    replace: '  if (text.length <= LONGEST_READ) return text;',
    kinds: 'headers,bodies',
  },
  {
    what: 'what others wrote is shown before the code that redacts it is loaded',
    file: 'src/errors/redaction.ts',
    search: "redaction()?.redactText(text, known) ?? '[…]'",
    replace: 'redaction()?.redactText(text, known) ?? text',
    kinds: 'early',
  },
  {
    what: 'a call waits without an end for the code for failures',
    file: 'src/sources/late-failures.ts',
    search: 'return code === undefined ? wordless(thrown, origin) : explain(code);',
    replace: 'return code === undefined ? await new Promise(() => {}) : explain(code);',
    kinds: 'early',
  },
  {
    what: 'a trap among the options leaves the constructor as it is',
    file: 'src/options/client-options.ts',
    search: 'throw toErrorInfo(thrown, {',
    replace: 'throw thrown ?? ({',
    kinds: 'options',
  },
  {
    what: 'a request widens what was granted',
    file: 'src/server/token-terms.ts',
    search: ': sharedCapability(grant.capability, asked.capability)',
    replace: ': (sharedCapability(grant.capability, asked.capability), asked.capability)',
    kinds: 'requests',
  },
  {
    what: 'a request chooses who the token is for',
    file: 'src/server/token-terms.ts',
    search: "clientId: grant.clientId === '*' ? (asked.clientId ?? '*') : grant.clientId,",
    replace: 'clientId: asked.clientId ?? grant.clientId,',
    kinds: 'requests',
  },
  {
    what: 'a request chooses how long the token lives',
    file: 'src/server/token-terms.ts',
    search: 'const ttl = Math.min(grant.ttl, asked.ttl ?? grant.ttl);',
    replace: 'const ttl = asked.ttl ?? grant.ttl;',
    kinds: 'requests',
  },
  {
    what: 'a mistyped field of a grant is passed over',
    file: 'src/server/grant.ts',
    search: '  checkNames(given, names);',
    replace: '',
    kinds: 'grants',
  },
  {
    what: 'the shape of a recording is not checked',
    file: 'src/studio/recording.ts',
    search: "if (typeof found === 'string')",
    replace: "if (found === ('' as never))",
    kinds: 'recordings',
  },
  {
    what: 'the cost of a frame grows with the square of its size',
    file: 'src/connection/realtime/protocol.ts',
    search: "if (isTooDeep(data)) return 'it is nested too deep';",
    replace: 'for (let at = 0; at < data.length; at += 256) isTooDeep(data.slice(at));',
    kinds: 'frames',
  },
];

/** Takes each protection away in a copy of the tree. @returns whether the inputs notice each */
export function putFaultsBack(): boolean {
  const copy = copyOfTheTree();
  const missed: string[] = [];
  for (const fault of faults) {
    const { what, file, kinds } = fault;
    const takeBack = mutate(copy, fault);
    const { status } = spawnSync(
      process.execPath,
      [
        ...['--import', 'tsx', '--conditions=latchkey-source', 'test/hostile/main.ts'],
        ...['--inputs', '4000', '--only', kinds],
        ...(kinds === 'frames' ? [] : ['--no-growth']),
      ],
      { cwd: copy, stdio: 'ignore' },
    );
    takeBack();
    if (status !== 1) missed.push(what);
    console.log(`${status === 1 ? 'noticed' : 'MISSED '}  ${what} (${file})`);
  }
  console.log(`${faults.length - missed.length} of ${faults.length} faults noticed`);
  return missed.length === 0;
}
