import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../kit/imports.js';
import { settingsOf } from '../browser.js';
import { Project } from '../project.js';
import type { Row, Steps } from '../row.js';
import { servedBy } from '../served.js';

/** With the older one a Worker refuses options that pages know. */
const dates = ['2026-01-01', '2023-01-01'];

const worker = `
import { Auth } from 'latchkey';
import { tokenEndpoint } from 'latchkey/server';
import { grant, origin } from './ask-endpoint.js';
import { mainJob } from './job.js';
let endpoints = {};
export default { fetch: async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname !== '/job') return await endpoints[pathname.slice(1)](request);
  const settings = await request.json();
  const { host, port, key } = settings;
  const auth = new Auth({ key, useTokenAuth: true, endpoint: host, port, tls: false });
  const made = (format) => [format, tokenEndpoint({ auth, grant, format, cors: { origins: [origin] } })];
  endpoints = Object.fromEntries(['token-request', 'token', 'jwt'].map(made));
  return Response.json(await mainJob(settings));
} };
`;

/** Run in Node, outside the Worker. */
const asking = `
import { askEndpoint, formats } from './ask-endpoint.js';
const outcome = {};
for (const format of formats) {
  outcome[format + ' served by the Worker'] = await askEndpoint(
    process.argv[2] + '/' + format, JSON.parse(process.env.LATCHKEY_JOB)).catch(String);
}
console.log(JSON.stringify(outcome));
`;

const config = (date: string) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "network", network = (allow = ["private", "public"])),
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.bundle.js")],
      compatibilityDate = "${date}", globalOutbound = "network" )) ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")] );`;

export const workerdRows = dates.map(
  (date): Row => ({
    name: `workerd, compatible with ${date}`,
    isShort: true,
    besides: servedBy('the Worker'),
    run: async (service) => {
      const project = await Project.make();
      await project.write({ 'workerd.js': worker });
      await build({
        entryPoints: [project.path('workerd.js')],
        outfile: project.path('worker.bundle.js'),
        bundle: true,
        format: 'esm',
        conditions: ['workerd', 'worker', 'browser'],
        logLevel: 'error',
      });
      await project.write({ 'worker.capnp': config(date) });
      const program = join(root, 'node_modules/.bin/workerd');
      const version = (await project.run(program, ['--version'])).trim();
      const child = spawn(program, ['serve', project.path('worker.capnp'), '--control-fd=1'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const url = `http://127.0.0.1:${await portOf(child)}`;
        const body = JSON.stringify(settingsOf(service));
        const response = await fetch(`${url}/job`, { method: 'POST', body });
        const steps = (await response.json()) as Steps;
        await project.write({ 'ask.js': asking });
        const asked = await project.job(process.execPath, ['ask.js', url], service);
        return { version, steps: { ...steps, ...asked } };
      } finally {
        child.removeAllListeners('exit').kill();
      }
    },
  }),
);

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (data) => {
      const [, port] = /"port":\s*(\d+)/.exec(String(data)) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`workerd ended with ${code} before it listened`)));
  });
}
