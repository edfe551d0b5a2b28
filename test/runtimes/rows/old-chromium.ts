import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { build } from 'esbuild';
import { settingsOf } from '../browser.js';
import { Project } from '../project.js';
import { receiver } from '../receiver.js';
import type { Row, Steps } from '../row.js';
import type { Service } from '../service.js';
import { packages } from '../versions.js';

/** Sends an error of a script too: one that cannot be parsed does no job. */
const html = `<!doctype html><meta charset="utf-8"><script>
addEventListener('error', ({ message }) => {
  const { report } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  fetch(report, { method: 'POST', mode: 'no-cors', body: JSON.stringify({ script: message }) });
});
</script><script type="module" src="page.js"></script>`;

/** What Chromium 92 lacks, and translation does not give. */
const polyfill = 'Object.hasOwn ??= (object, name) => Object.prototype.hasOwnProperty.call(object, name);';

/** A Chromium of a package: a compressed program, and the libraries that small machines lack. */
async function unpacked(name: 'chromium92' | 'chromium103'): Promise<Project> {
  const project = await Project.install(packages[name]);
  const bin = 'node_modules/@sparticuz/chromium/bin';
  for (const [from, to, mode] of [
    ['chromium.br', 'chromium', 0o755],
    ['aws.tar.br', 'aws.tar', 0o644],
  ] as const) {
    const out = createWriteStream(project.path(to), { mode });
    await pipeline(createReadStream(project.path(`${bin}/${from}`)), createBrotliDecompress(), out);
  }
  await project.run('tar', ['xf', 'aws.tar']);
  return project;
}

/** @param isTranslated whether the page has what an app gives browsers below the lowest version */
async function jobIn(project: Project, service: Service, isTranslated: boolean): Promise<Steps> {
  await build({
    entryPoints: [project.path('page.js')],
    outdir: project.path('site'),
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    ...(isTranslated ? { target: 'chrome92', banner: { js: polyfill } } : {}),
  });
  await project.write({ 'site/index.html': html });
  service.serve(project.path('site'));
  const { report, outcome } = await receiver();
  const more = { report, isClientOnly: isTranslated };
  const settings = encodeURIComponent(JSON.stringify({ ...settingsOf(service), ...more }));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-zygote'];
  const others = ['--disable-background-networking', `--user-data-dir=${project.path('profile')}`];
  const args = [...flags, ...others, '--remote-debugging-port=0', `${service.application}/#${settings}`];
  const child = spawn(project.path('chromium'), args, {
    env: { ...process.env, HOME: project.home, LD_LIBRARY_PATH: project.path('lib') },
    stdio: 'ignore',
  });
  try {
    return await outcome;
  } finally {
    child.kill();
  }
}

const refused = 'the package as it is: an error of the script';

export const oldChromiumRows: readonly Row[] = [
  {
    name: 'Chromium 103, a page',
    isShort: false,
    run: async (service) => ({
      version: 'Chromium 103',
      steps: await jobIn(await unpacked('chromium103'), service, false),
    }),
  },
  {
    name: 'Chromium 92, a page, translated by esbuild, with a polyfill',
    isShort: false,
    without: { endpoint: 'a token endpoint runs on a server' },
    besides: [refused],
    run: async (service) => {
      const project = await unpacked('chromium92');
      const { script = 'none' } = await jobIn(project, service, false);
      const steps = await jobIn(project, service, true);
      const isRefused = String(script).includes('Object.hasOwn is not a function') || String(script);
      return { version: 'Chromium 92', steps: { ...steps, [refused]: isRefused } };
    },
  },
];
