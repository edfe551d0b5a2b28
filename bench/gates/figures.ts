import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Auth } from 'latchkey';
import { VirtualClock } from 'latchkey/testing';
import { pageBytes, pageImports } from '../page-bytes.js';

/** The counted figures, by name. */
export type Figures = Readonly<Record<string, number>>;

/** Figures that differ between runs, with the allowed relative difference. All others are exact. */
export const tolerances: Readonly<Record<string, number>> = { 'heap of an authorized client, bytes': 0.03 };

const run = promisify(execFile);
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Counts everything that has a gate. Needs a build. */
export async function measured(): Promise<Figures> {
  const pages: [string, number][] = [];
  for (const [name, contents] of Object.entries(pageImports)) {
    const plain = name.replaceAll('`', '');
    const [whole, own] = [await pageBytes(contents), await pageBytes(contents, true)];
    pages.push([`${plain}: first load, bytes`, whole.first], [`${plain}: all parts, bytes`, whole.all]);
    pages.push([`${plain}: first load without xstate and rxjs, bytes`, own.first]);
  }
  return {
    ...Object.fromEntries(pages),
    'latchkey/sharing/web beside Auth: first load, bytes': await sharingBytes(),
    ...(await imported()),
    ...(await renewal()),
    'heap of an authorized client, bytes': Math.round(await heap()),
  };
}

/** What a page with `Auth` downloads more at once for `webSharing`. */
async function sharingBytes(): Promise<number> {
  const auth = "export { Auth } from 'latchkey';";
  const both = `${auth} export { webSharing } from 'latchkey/sharing/web';`;
  return (await pageBytes(both)).first - (await pageBytes(auth)).first;
}

/** The modules that Node evaluates for `import 'latchkey'`. */
async function imported(): Promise<Figures> {
  const { stdout } = await run(process.execPath, [file('./import-child.mjs')], { cwd: file('../..') });
  const { modules, bytes } = JSON.parse(stdout) as { modules: number; bytes: number };
  return { "import('latchkey'): modules": modules, "import('latchkey'): bytes of source": bytes };
}

/** What one renewal costs the machine. */
async function renewal(): Promise<Figures> {
  const clock = new VirtualClock();
  let timers = 0;
  const plain = clock.setTimeout.bind(clock);
  clock.setTimeout = (fn, ms) => {
    timers += 1;
    return plain(fn, ms);
  };
  const auth = new Auth({
    authCallback: async () => ({
      token: `t${clock.now()}`,
      issued: clock.now(),
      expires: clock.now() + 600_000,
    }),
    clock,
    random: () => 0.5,
  });
  await auth.authorize();
  const { token } = await auth.getToken();
  // The clock stops at the renewal, because other timers read the clock later.
  await clock.advance((auth.state.next?.at ?? Number.NaN) - clock.now() - 1);
  let [actors, transitions] = [0, 0];
  auth.actor.system.inspect(({ type }) => {
    if (type === '@xstate.actor') actors += 1;
    if (type === '@xstate.microstep') transitions += 1;
  });
  const before = timers;
  await clock.advance(2);
  if ((await auth.getToken()).token === token) throw new Error('the token was not renewed');
  auth.dispose();
  return {
    'a renewal: actors': actors,
    'a renewal: transitions': transitions,
    'a renewal: timers': timers - before,
  };
}

async function heap(): Promise<number> {
  const args = ['--expose-gc', '--import', 'tsx', file('../memory-child.ts'), 'latchkey', '10000'];
  return Number((await run(process.execPath, args, { cwd: file('../..') })).stdout);
}
