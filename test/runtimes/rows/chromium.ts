import { build } from 'esbuild';
import { outcomeOfPage } from '../browser.js';
import { Project } from '../project.js';
import type { Row } from '../row.js';

const settings = 'const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)));';

/** How a page starts each kind of worker, and gets what became of the job. */
const hosts: Readonly<Record<string, string>> = {
  'dedicated worker': `
    const worker = new Worker('/worker.bundle.js');
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => (globalThis.outcome = data);
    worker.postMessage(settings, [port2]);`,
  'shared worker': `
    const { port } = new SharedWorker('/worker.bundle.js');
    port.onmessage = ({ data }) => (globalThis.outcome = data);
    port.postMessage(settings);`,
  'service worker': `
    navigator.serviceWorker.register('/worker.bundle.js');
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => (globalThis.outcome = data);
    active.postMessage(settings, [port2]);`,
};

/** A page with a module in it. */
const html = (script: string) => `<!doctype html><meta charset="utf-8"><title>A row</title>
<script type="module">${script}</script>`;

/** A page that does the job in a dedicated worker. */
export const workerPage = html(`${settings}${hosts['dedicated worker']}`);

const page: Row = {
  name: 'Chromium, a page (esbuild, in parts)',
  isShort: true,
  run: async (service) => {
    const project = await Project.make();
    await build({
      entryPoints: [project.path('page.js')],
      outdir: project.path('site'),
      bundle: true,
      splitting: true,
      format: 'esm',
      logLevel: 'error',
    });
    await project.write({ 'site/index.html': html("import './page.js';") });
    return await outcomeOfPage(service, project.path('site'));
  },
};

const workers = Object.entries(hosts).map(
  ([name, script]): Row => ({
    name: `Chromium, a ${name}`,
    isShort: true,
    run: async (service) => {
      const project = await Project.make();
      await build({
        entryPoints: [project.path('worker.js')],
        outfile: project.path('site/worker.bundle.js'),
        bundle: true,
        format: 'iife',
        logLevel: 'error',
      });
      await project.write({ 'site/index.html': html(`${settings}${script}`) });
      return await outcomeOfPage(service, project.path('site'));
    },
  }),
);

export const chromiumRows: readonly Row[] = [page, ...workers];
