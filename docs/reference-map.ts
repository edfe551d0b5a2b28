import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The page with the map. */
export const mapPath = fileURLToPath(new URL('reference-map.md', import.meta.url));

/** One sentence of the reference in short, and the test that proves it. */
export interface Sentence {
  readonly says: string;
  /** The clauses of the specification for this sentence; none for a link. */
  readonly clauses: readonly string[];
  /** `file: title`, below `test/`. */
  readonly test: string;
}

const AUTH = 'behaviour/client/auth.test.ts';
const FORMS = 'behaviour/client/call-forms.test.ts';
const IDENTITY = 'behaviour/token/identity-table.test.ts';
const UPGRADE = 'e2e/upgrade.test.ts';
const WITNESS =
  'e2e/ably-witness.test.ts: the SDK connects with a TokenRequest of Latchkey, and is re-authenticated in place';
const LINKS = 'gates/reference-map.test.ts: the source has the links of the reference: %s';
const REPLACES = `${AUTH}: the arguments of authorize() replace the stored ones and are not merged with them`;
const SETTLES = `${AUTH}: the callback forms of %s return undefined and call back once with the result`;
const REFUSES = `${AUTH}: the callback forms of %s never throw: an invalid argument is passed to the callback as an error`;

/** Every sentence by our own id. A sentence of several forms of a method appears once. */
export const sentences: Readonly<Record<string, Sentence>> = {
  S0: {
    says: 'It makes TokenRequests and gets Tokens from Ably, to be issued to less trusted clients.',
    clauses: ['RSA8', 'RSA9', 'RSC5'],
    test: WITNESS,
  },
  C1: {
    says: 'A client ID identifies this client when it publishes messages or is present.',
    clauses: ['RSA7', 'RSA7e2', 'RSC17'],
    test: 'behaviour/client/auth-fetch.test.ts: auth.fetch() adds the key if the client has only a key',
  },
  C2: {
    says: 'It is any non-empty string without a *.',
    clauses: ['RSA7c'],
    test: 'behaviour/options/bad-input.test.ts: a clientId with a star',
  },
  C3: {
    says: 'It is meant for a library that is made with a key.',
    clauses: ['RSA7d', 'RSA10h'],
    test: `${IDENTITY}: the client sends its own clientId if a call has none, and an explicit null as it is (RSA7d, RSA10h)`,
  },
  C4: {
    says: 'It may also be implicit in a token that the library is made with.',
    clauses: ['RSA7b2', 'RSA12'],
    test: `${IDENTITY}: own %s, token for %s, given at construction → %s`,
  },
  C5: {
    says: 'It is an error if it conflicts with the one implicit in the token.',
    clauses: ['RSA15a', 'RSA15c'],
    test: `${IDENTITY}: own %s, token for %s, from a source → %s`,
  },
  C6: { says: 'Another page explains identified clients.', clauses: [], test: LINKS },
  A1: {
    says: 'A new token is obtained immediately.',
    clauses: ['RSA10a'],
    test: `${AUTH}: authorize() gets a new token even if the current one is valid`,
  },
  A2a: {
    says: 'With realtime: the current connection is upgraded to the new token, once that has been obtained.',
    clauses: ['RTC8a', 'RTC8a3'],
    test: `${UPGRADE}: authorize() resolves when the server accepted the token, on the same connection`,
  },
  A2b: {
    says: 'If it is not connected: a connection is initiated, once the token has been obtained.',
    clauses: ['RTC8b', 'RTC8c'],
    test: `${UPGRADE}: authorize() opens a connection that is not up`,
  },
  A3a: {
    says: 'TokenParams and AuthOptions of the call are stored as the new defaults for all later requests, implicit and explicit.',
    clauses: ['RSA10g'],
    test: `${AUTH}: authorize() stores its arguments, except timestamp, nonce and the literal token`,
  },
  A3b: {
    says: 'TokenParams of the call are stored as the new defaults.',
    clauses: ['RSA10g'],
    test: `${AUTH}: authorize() with TokenParams alone stores them and keeps the stored options`,
  },
  A4a: {
    says: 'TokenParams and AuthOptions of the call replace the saved ones entirely: they are not merged.',
    clauses: ['RSA10j'],
    test: REPLACES,
  },
  A4b: {
    says: 'TokenParams of the call replace the saved ones entirely: they are not merged.',
    clauses: ['RSA10j'],
    test: REPLACES,
  },
  K1a: {
    says: 'A TokenRequest is made and signed with the TokenParams and AuthOptions of the call, or else the stored ones.',
    clauses: ['RSA9', 'RSA9g', 'RSA9h'],
    test: `${FORMS}: createTokenRequest signs with the TokenParams and the key of the call`,
  },
  K1b: {
    says: 'A TokenRequest is made and signed with the TokenParams of the call, or else the stored ones.',
    clauses: ['RSA9', 'RSA9h'],
    test: `${FORMS}: createTokenRequest signs with the TokenParams of the call and the stored key`,
  },
  K1c: {
    says: 'A TokenRequest is made and signed with the stored TokenParams and AuthOptions.',
    clauses: ['RSA9', 'RSA9h'],
    test: `${FORMS}: createTokenRequest signs with the stored TokenParams and key`,
  },
  K2: {
    says: 'It can only be used where the API key is available locally.',
    clauses: ['RSA9g'],
    test: 'behaviour/options/bad-input.test.ts: createTokenRequest() without a key is refused',
  },
  K3: {
    says: 'Otherwise the TokenRequest has to come from the key’s owner (one form says TokenParams, by a slip).',
    clauses: ['RSA8a', 'RSA8d'],
    test: 'behaviour/sources/auth-url.test.ts: a TokenRequest for another key is exchanged at that key',
  },
  K4: {
    says: 'It is for callbacks that issue TokenRequests to other clients.',
    clauses: ['RSA8d', 'RSA9a'],
    test: WITNESS,
  },
  B1: {
    says: 'Both TokenParams and AuthOptions are optional.',
    clauses: ['RSA8e', 'RSA9h'],
    test: SETTLES,
  },
  B2a: {
    says: 'Omitted or null, the library’s default parameters and options are used, from the ClientOptions.',
    clauses: ['RSA8e', 'RSA9h', 'TO3j11'],
    test: `${AUTH}: the calls of %s use the options of the client if the options are null or absent`,
  },
  B2b: {
    says: 'Or as updated later by an explicit authorize().',
    clauses: ['RSA10g'],
    test: `${AUTH}: the calls of %s use what authorize() stored`,
  },
  B2c: {
    says: 'TokenParams omitted or null (one form says TokenRequest, by a slip): the library’s default ones are used.',
    clauses: ['RSA8e', 'RSA9h', 'TO3j11'],
    test: `${FORMS}: %s uses the default TokenParams if the argument is null or undefined`,
  },
  B2d: {
    says: 'The default token parameters and authentication options are used.',
    clauses: ['RSA8e', 'RSA9h', 'TO3j11'],
    test: `${AUTH}: the calls of %s use the options of the client if the options are null or absent`,
  },
  B3: {
    says: 'Values that are passed in are used instead of the defaults: they are not merged.',
    clauses: ['RSA8e', 'RSA9h'],
    test: REPLACES,
  },
  B4: {
    says: 'Another page explains why clients get TokenRequests rather than tokens.',
    clauses: [],
    test: LINKS,
  },
  R1a: {
    says: 'The requestToken endpoint is called for a token with the TokenParams and AuthOptions of the call.',
    clauses: ['RSA8', 'RSA8a', 'RSA8e'],
    test: `${FORMS}: requestToken uses the TokenParams and the key of the call`,
  },
  R1b: {
    says: 'The requestToken endpoint is called for a token with the TokenParams of the call.',
    clauses: ['RSA8', 'RSA8b'],
    test: `${FORMS}: requestToken uses the TokenParams of the call and the stored key`,
  },
  R1c: {
    says: 'The requestToken endpoint is called for a token.',
    clauses: ['RSA8', 'RSA8a'],
    test: `${FORMS}: requestToken uses the stored TokenParams and key`,
  },
  X1: {
    says: 'Upon success the callback is called with a TokenDetails.',
    clauses: ['RSA8a', 'RSA10f'],
    test: SETTLES,
  },
  X2: {
    says: 'Upon failure the callback is called with what is known about the error.',
    clauses: ['RSA4e'],
    test: REFUSES,
  },
  X3: { says: 'Upon success the callback is called with a TokenRequest.', clauses: ['RSA9a'], test: SETTLES },
};

/** The members and forms of the reference in its order, with their sentences. */
export const members: Readonly<Record<string, readonly string[]>> = {
  'the class': ['S0'],
  clientId: ['C1', 'C2', 'C3', 'C4', 'C5', 'C6'],
  'authorize(tokenParams, authOptions, callback)': ['A1', 'A2a', 'A2b', 'A3a', 'A4a'],
  'authorize(tokenParams, callback)': ['A1', 'A2a', 'A2b', 'A3b', 'A4b'],
  'authorize(callback)': ['A1', 'A2a', 'A2b', 'X1', 'X2'],
  'createTokenRequest(tokenParams, authOptions, callback)': [
    ...['K1a', 'K2', 'K3', 'K4', 'B1', 'B2a', 'B2b', 'B3', 'B4'],
  ],
  'createTokenRequest(tokenParams, callback)': ['K1b', 'K2', 'K3', 'K4', 'B2c', 'B2b', 'B3', 'B4'],
  'createTokenRequest(callback)': ['K1c', 'K2', 'K3', 'K4', 'B2d', 'B2b', 'B4', 'X3', 'X2'],
  'requestToken(tokenParams, authOptions, callback)': ['R1a', 'B1', 'B2a', 'B2b', 'B3', 'B4'],
  'requestToken(tokenParams, callback)': ['R1b', 'B2c', 'B2b', 'B3', 'B4'],
  'requestToken(callback)': ['R1c', 'B2d', 'B2b', 'B4', 'X1', 'X2'],
};

function row(id: string, { says, clauses, test }: Sentence): string {
  const [file = '', ...title] = test.split(': ');
  return `| ${id} | ${says} | ${clauses.join(', ') || 'a link'} | [\`${file}\`](../test/${file}) | ${title.join(': ')} |`;
}

/** The text of the page, with its two tables between their markers generated. */
export function withMap(page: string): string {
  const map = [
    '| id | the reference says | clauses | test | title |',
    '|---|---|---|---|---|',
    ...Object.entries(sentences).map(([id, sentence]) => row(id, sentence)),
  ];
  const forms = [
    '| member | sentences |',
    '|---|---|',
    ...Object.entries(members).map(([name, ids]) => `| \`${name}\` | ${ids.join(' ')} |`),
  ];
  return between(between(page, 'sentences', map), 'members', forms);
}

function between(page: string, name: string, lines: readonly string[]): string {
  const [before = '', rest = ''] = page.split(`<!-- ${name} -->\n`);
  const after = rest.slice(rest.indexOf('<!-- end -->'));
  return `${before}<!-- ${name} -->\n${lines.join('\n')}\n${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(mapPath, withMap(readFileSync(mapPath, 'utf8')));
}
