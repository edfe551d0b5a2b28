import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RealtimeConnection } from '../src/connection/index.js';
import { Auth } from '../src/index.js';
import { tokenEndpoint } from '../src/server/index.js';
import { VirtualClock } from '../src/testing/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** A block of code of a page, as it stands there: the first one after a text. */
function block(path: string, after: string): string {
  const text = read(path);
  const from = text.indexOf(after);
  const found = from < 0 ? null : /```\w+\n[\s\S]*?\n```/.exec(text.slice(from));
  if (found === null) throw new Error(`${path} has no code after ${JSON.stringify(after)}`);
  return found[0];
}

/** Ten usual mistakes. Each is run, and the page shows the error. */
const mistakes: readonly (readonly [title: string, code: string])[] = [
  ['An option is misspelt', `new Auth({ authURL: 'https://example.com/api/token' });`],
  [
    "An option of Ably's SDK",
    `new Auth({ authUrl: 'https://example.com/api/token', queueMessages: false });`,
  ],
  ["A log level of Ably's SDK", `new Auth({ authUrl: 'https://example.com/api/token', logLevel: 3 });`],
  ['A path where there is no page', `new Auth({ authUrl: '/api/token' });`],
  [
    'Options of a call are taken for additions',
    `const auth = new Auth({ authUrl: 'https://example.com/api/token' });
await auth.authorize(null, { authHeaders: { 'x-room': 'lobby' } });`,
  ],
  [
    'TokenParams and AuthOptions are confused',
    `const auth = new Auth({ authUrl: 'https://example.com/api/token' });
await auth.authorize(null, { clientId: 'ada' });`,
  ],
  [
    'The Response in place of its content',
    `const auth = new Auth({ authCallback: async () => new Response('a token') });
await auth.authorize();`,
  ],
  ['A token that cannot be renewed', `await new Auth({ token: 'token-of-ada' }).authorize();`],
  [
    'One connection for two clients',
    `const connection = new RealtimeConnection({ autoConnect: false });
new Auth({ authUrl: 'https://example.com/api/token', connection });
new Auth({ authUrl: 'https://example.com/api/token', connection });`,
  ],
  [
    'A call after the user signed out',
    `const auth = new Auth({ authUrl: 'https://example.com/api/token' });
auth.forget();
await auth.getToken();`,
  ],
];

/** An error without the address of its page. */
const inOneLine = (error: unknown): string => String(error).replace(/ See https:\S+$/, '');

/** What a mistake leads to: the error in one line. */
async function errorOf(code: string): Promise<string> {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const made: Auth[] = [];
  class Quiet extends Auth {
    constructor(options: ConstructorParameters<typeof Auth>[0]) {
      super(typeof options === 'string' ? options : { logLevel: 'none', ...options });
      made.push(this);
    }
  }
  try {
    await AsyncFunction(
      'Auth',
      'RealtimeConnection',
      'tokenEndpoint',
      code,
    )(Quiet, RealtimeConnection, tokenEndpoint);
  } catch (error) {
    return inOneLine(error);
  } finally {
    for (const auth of made) auth.dispose();
  }
  throw new Error(`it is no mistake: ${code}`);
}

/** What explain() says of a client whose source fails. */
async function explained(): Promise<string> {
  const clock = new VirtualClock();
  const authCallback = async () => {
    throw Object.assign(new Error('the backend is down'), { statusCode: 503 });
  };
  const auth = new Auth({ authCallback, clock, random: () => 0, logLevel: 'none' });
  auth.token$.subscribe();
  await clock.advance(0);
  const { value, rule, reason, attempts, next, now, error } = auth.explain();
  auth.dispose();
  return JSON.stringify({ value, rule, reason, attempts, next, now, error: inOneLine(error) }, null, 2);
}

/** The page for tools that read, and for people in a hurry. */
export async function forTools(): Promise<string> {
  const shown = await Promise.all(
    mistakes.map(
      async ([title, code], index) =>
        `### ${index + 1}. ${title}\n\n\`\`\`js\n${code}\n\`\`\`\n\n\`\`\`text\n${await errorOf(code)}\n\`\`\`\n`,
    ),
  );
  return `# Latchkey on one page

\`npm run llms\` makes this page from pages whose code is tested, and from errors that were really thrown. It says how to
set Latchkey up, which mistakes are usual, and how to ask what is wrong. [All pages](README.md).

## Set up

1. A backend has the key, and issues tokens for its users ([more](issuing.md)).
2. A client has \`authUrl\` or \`authCallback\`, and no key ([sources](guide/sources.md)).
3. A connection gets the tokens: \`RealtimeConnection\`, or Ably's SDK ([connections](connections.md)).
4. The client renews the tokens. Do not call \`authorize()\` in a timer.

The backend:

${block('docs/issuing.md', '# Issuing tokens')}

The client, with a connection of Latchkey:

${block('README.md', '**In an app**')}

The client, with Ably's SDK ([from ably-js](migrating-from-ably-js.md)):

${block('docs/connections.md', "## Ably's SDK")}

React:

${block('docs/react.md', '# React')}

Tests, in virtual time:

${block('README.md', '**In tests**')}

Without an account, [the sandbox](sandbox.md) replaces Ably:

${block('README.md', '**With a local service**')}

## Ten usual mistakes

Every error has \`code\`, \`statusCode\`, \`message\`, \`remediation\` and \`reason\` ([all codes](errors.md#codes)). Show
\`String(error)\`: it contains the remedy, and no secret.

${shown.join('\n')}
## Ask the client: explain()

\`auth.explain()\` returns plain data without secrets: the rule of the last step, the error, and what the client does next
([fields](events.md#explain)). For a source that answers 503:

\`\`\`json
${await explained()}
\`\`\`

- \`next\` absent: the client waits for a call. \`final: true\` in \`auth.state\`: only \`authorize()\` helps.
- \`reason\` is a word of [this table](errors.md#reasons): use it in conditions, not the texts.
- \`logLevel: 'debug'\` logs each decision in words.

## Ask the endpoint: doctor

\`latchkey doctor\` requests a token endpoint as a client does. It prints each problem, the remedy, and the error that
clients get ([checks](cli.md#doctor)). It exits with 3 if there is a problem. \`--json\` prints JSON.

${block('docs/cli.md', '## doctor')}

${block('docs/cli.md', '```text\nhttps://example.com/api/token')}
`;
}

/** The list of all pages, in the form of https://llmstxt.org. */
export function llmsText(): string {
  const index = read('docs/README.md');
  const [, guides = '', reference = ''] = index.split(/\n\| (?:guide|reference) \| \|\n/);
  const links = (table: string) =>
    [...table.matchAll(/^\| \[([^\]]+)\]\(([^)]+\.md)\) \| (.*) \|$/gm)]
      .filter(([, , path = '']) => !path.startsWith('..'))
      .map(([, title, path, what]) => `- [${title}](docs/${path}): ${what}`)
      .join('\n');
  const { description } = JSON.parse(read('package.json')) as { description: string };
  return `# Latchkey

> ${description}

- [On one page](docs/for-tools.md): how to set it up, ten usual mistakes with their errors, \`explain()\` and \`doctor\`
- [Getting started](docs/getting-started.md): from an empty folder to a connected page

## Guides

${links(guides)}

## Reference

${links(reference)}
`;
}

export const forToolsPath = join(root, 'docs/for-tools.md');
export const llmsPath = join(root, 'llms.txt');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(forToolsPath, await forTools());
  writeFileSync(llmsPath, llmsText());
}
