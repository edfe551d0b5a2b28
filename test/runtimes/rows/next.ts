import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { outcomeAt, settingsOf } from '../browser.js';
import { Project } from '../project.js';
import type { Outcome, Row, Steps } from '../row.js';
import type { Service } from '../service.js';
import { packages } from '../versions.js';

const handler = (runtime: string) => `
import { mainJob } from '../../../job';
export const runtime = '${runtime}';
export const POST = async (request) => Response.json(await mainJob(await request.json()));
`;

const files = {
  'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
  'app/page.js': `'use client';
import { useEffect } from 'react';
import { mainJob } from '../job';
export default function Page() {
  useEffect(() => {
    mainJob(JSON.parse(decodeURIComponent(location.hash.slice(1)))).then((outcome) => {
      globalThis.outcome = outcome;
    });
  }, []);
  return <p>A page</p>;
}
`,
  'app/api/node/route.js': handler('nodejs'),
  'app/api/edge/route.js': handler('edge'),
};

/** A client that is made while the module is loaded: at the build too, where there is no page. */
const atModuleLevel = {
  'app/layout.js': files['app/layout.js'],
  'app/page.js': `'use client';
import { Auth } from 'latchkey';
const auth = new Auth({ authUrl: '/api/token' });
export default () => <p>{auth.state.value}</p>;
`,
};

const env = { NEXT_TELEMETRY_DISABLED: '1' };
const program = 'node_modules/next/dist/bin/next';

interface Site {
  readonly url: string;
  readonly child: ChildProcess;
}

let site: Promise<Site> | undefined;

/** Built and started once, for all of its rows. */
function start(): Promise<Site> {
  site ??= (async () => {
    const project = await Project.install(packages.next);
    await project.write(files);
    await project.run(process.execPath, [program, 'build'], env);
    const port = String(await freePort());
    const child = spawn(process.execPath, [program, 'start', '-H', '127.0.0.1', '-p', port], {
      cwd: project.home,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env, NODE_ENV: 'production' },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`next start ended with ${code}`)));
      child.stdout?.on('data', (text) => String(text).includes('Ready') && resolve());
    });
    return { url: `http://127.0.0.1:${port}`, child };
  })();
  return site;
}

/** Ends the server of these rows. */
export async function closeNext(): Promise<void> {
  const started = await site?.catch(() => undefined);
  started?.child.removeAllListeners('exit').kill();
  site = undefined;
}

const version = packages.next.next;

const byRequest =
  (path: string) =>
  async (service: Service): Promise<Outcome> => {
    const { url } = await start();
    const body = JSON.stringify(settingsOf(service));
    const response = await fetch(`${url}${path}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${path} answered with ${response.status}: ${await response.text()}`);
    return { version, steps: (await response.json()) as Steps };
  };

const page: Row = {
  name: 'Next.js, a page',
  isShort: false,
  run: async (service) => {
    const { steps } = await outcomeAt((await start()).url, service);
    return {
      version,
      steps: { ...steps, 'a client of a module says at the build what is wrong': await refusal() },
    };
  },
};

/** `next build` must say which option is wrong, and what to do. */
async function refusal(): Promise<true | string> {
  const project = await Project.install(packages.next);
  await project.write(atModuleLevel);
  const printed = await project.run(process.execPath, [program, 'build'], env).then(
    () => 'next build passed',
    (error: Error) => error.message,
  );
  return (/authUrl is a relative address/.test(printed) && /only in the browser/.test(printed)) || printed;
}

export const nextRows: readonly Row[] = [
  page,
  { name: 'Next.js, a route handler', isShort: false, run: byRequest('/api/node') },
  { name: 'Next.js, a route handler on Edge', isShort: false, run: byRequest('/api/edge') },
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
