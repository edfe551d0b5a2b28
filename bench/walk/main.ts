import { parseArgs } from 'node:util';
import { type Entered, HOOK } from '../../test/kit/instrument.js';
import { evaluated } from './bundle.js';

/** The highest number of source modules, and of returns to an earlier module. */
const TARGETS = { without: { modules: 24, returns: 100 }, with: { modules: 36, returns: 100 } };

const { values } = parseArgs({
  options: { verbose: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

// The service and the token endpoint are separate copies, so their steps do not count as the client's.
type Service = Pick<typeof import('latchkey') & typeof import('latchkey/sandbox'), 'Auth' | 'createSandbox'>;
const service = await evaluated<Service>(
  "export { Auth } from 'latchkey'; export { createSandbox } from 'latchkey/sandbox';",
  false,
);
type Client = typeof import('latchkey') & typeof import('latchkey/connection');
const { Auth, RealtimeConnection } = await evaluated<Client>(
  "export { Auth } from 'latchkey'; export { RealtimeConnection } from 'latchkey/connection';",
  true,
);

/** Runs one `authorize()` of a new client. Returns the modules in the order in which the call enters them. */
async function walk(isConnected: boolean): Promise<string[]> {
  const sandbox = service.createSandbox();
  const [key] = sandbox.createApp().keys;
  const server = new service.Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
  const connection = isConnected ? new RealtimeConnection({ WebSocket: sandbox.WebSocket }) : undefined;
  const authCallback = () => server.requestToken();
  const auth = new Auth({ authCallback, ...(connection === undefined ? {} : { connection }) });
  const path: string[] = [];
  const entered: Entered = (module) => {
    if (path.at(-1) !== module) path.push(module);
  };
  Reflect.set(globalThis, HOOK, entered);
  await auth.authorize();
  Reflect.deleteProperty(globalThis, HOOK);
  auth.dispose();
  connection?.dispose();
  server.dispose();
  await sandbox.dispose();
  return path;
}

const figures = [];
for (const name of ['without', 'with'] as const) {
  // The parts that are loaded on first use are loaded, and every table is made.
  for (let time = 0; time < 3; time += 1) await walk(name === 'with');
  const path = await walk(name === 'with');
  const modules = new Set(path);
  figures.push({
    name,
    modules: modules.size,
    returns: path.length - modules.size,
    target: TARGETS[name],
    path,
  });
}

if (values.json) console.log(JSON.stringify(figures));
else {
  for (const { name, modules, returns, target, path } of figures) {
    console.log(
      `one authorize() ${name} a connection: ${modules} source modules (at most ${target.modules}), ${returns} returns to a module left before (at most ${target.returns})`,
    );
    if (values.verbose) print(path);
  }
}
process.exitCode = figures.some(
  ({ modules, returns, target }) => modules > target.modules || returns > target.returns,
)
  ? 1
  : 0;

/** Prints each module with the number of entries into it, the most first. */
function print(path: readonly string[]): void {
  const moves = new Map<string, number>();
  for (const module of path) moves.set(module, (moves.get(module) ?? 0) + 1);
  for (const [module, count] of [...moves].sort(([, a], [, b]) => b - a)) {
    console.log(`${String(count).padStart(6)}  ${module}`);
  }
}
