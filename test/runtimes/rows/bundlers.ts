import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Format } from 'esbuild';
import { root } from '../../kit/imports.js';
import { outcomeOfPage, settingsOf } from '../browser.js';
import { Project } from '../project.js';
import type { Outcome, Row } from '../row.js';
import type { Service } from '../service.js';
import { packages } from '../versions.js';
import { workerPage } from './chromium.js';

const html =
  '<!doctype html><meta charset="utf-8"><title>A row</title><script type="module" src="./page.js"></script>';

/** A bundle that runs where nothing is installed. */
const esbuildForNode = (format: Format, file: string): Row => ({
  name: `esbuild for Node, format ${format}`,
  isShort: true,
  run: async (service) => {
    const project = await Project.make();
    await build({
      entryPoints: [project.path('node.js')],
      outfile: project.path(file),
      bundle: true,
      platform: 'node',
      format,
      logLevel: 'error',
    });
    await rename(project.path('node_modules'), project.path('gone'));
    return { version: process.version, steps: await project.job(process.execPath, [file], service) };
  },
});

const vite: Row = {
  name: 'Vite',
  isShort: true,
  run: async (service) => {
    const project = await Project.make();
    await project.write({ 'index.html': html });
    const program = join(root, 'node_modules/vite/bin/vite.js');
    await project.run(process.execPath, [program, 'build', '--logLevel', 'error', '--outDir', 'site']);
    const { version, steps } = await outcomeOfPage(service, project.path('site'));
    const vite = (await project.run(process.execPath, [program, '--version'])).trim().split(' ')[0];
    return { version: `${vite}, ${version}`, steps };
  },
};

const vitest = (environment: 'node' | 'jsdom' | 'happy-dom'): Row => ({
  name: environment === 'node' ? 'Vitest' : `Vitest in ${environment}`,
  isShort: environment === 'node',
  run: async (service) => {
    const isHere = environment === 'node';
    const project = await (isHere ? Project.make({}, ['vitest', 'vite']) : Project.make(packages.vitestDom));
    const report = `import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mainJob } from './job.js';
it('does the main job', async () => {
  const outcome = await mainJob(JSON.parse(process.env.LATCHKEY_JOB));
  writeFileSync('outcome.json', JSON.stringify(outcome));
  expect(outcome).toBeDefined();
}, 60_000);
`;
    const config = { test: { environment, environmentOptions: urls(service.application) } };
    await project.write({
      'job.test.js': report,
      'vitest.config.js': `export default ${JSON.stringify(config)};`,
    });
    const program = isHere ? join(root, 'node_modules/vitest/vitest.mjs') : 'node_modules/vitest/vitest.mjs';
    const env = { LATCHKEY_JOB: JSON.stringify(settingsOf(service)) };
    await project.run(process.execPath, [program, 'run', '--root', project.home], env);
    return {
      version: (await project.run(process.execPath, [program, '--version'])).split(' ')[0] ?? '',
      steps: await project.read('outcome.json'),
    };
  },
});

const urls = (url: string) => ({ jsdom: { url }, happyDOM: { url } });

/** What a page loads and what its worker does, as webpack finds both. */
const webpackFiles = {
  'entry.js': `
const worker = new Worker(new URL('./worker.js', import.meta.url));
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => (globalThis.outcome = data);
worker.postMessage(JSON.parse(decodeURIComponent(location.hash.slice(1))), [port2]);
`,
  'run.cjs': `
const [entry, target] = process.argv.slice(2);
require('webpack')(
  {
    mode: 'production',
    context: __dirname,
    entry,
    target,
    output: {
      path: __dirname + '/site',
      publicPath: '/',
      filename: { node: 'page.cjs', webworker: 'worker.bundle.js' }[target] ?? 'page.js',
    },
  },
  (error, stats) => {
    if (error) throw error;
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString({ all: false, errors: true, warnings: true }));
  },
);
`,
};

const webpack = (name: string, entry: string, target: string): Row => ({
  name: `webpack 5, ${name}`,
  isShort: false,
  run: async (service) => {
    const project = await Project.make(packages.webpack);
    await project.write({ ...webpackFiles, 'site/index.html': target === 'webworker' ? workerPage : html });
    await project.run(process.execPath, ['run.cjs', entry, target]);
    const version = packages.webpack.webpack;
    if (target !== 'node') return await inPage(service, project, version);
    return { version, steps: await project.job(process.execPath, ['site/page.cjs'], service) };
  },
});

const rspack: Row = {
  name: 'Rspack',
  isShort: false,
  run: async (service) => {
    const project = await Project.make(packages.rspack);
    const program = webpackFiles['run.cjs'].replace("require('webpack')", "require('@rspack/core').rspack");
    await project.write({ 'run.cjs': program, 'site/index.html': html });
    await project.run(process.execPath, ['run.cjs', './page.js', 'web']);
    return await inPage(service, project, packages.rspack['@rspack/core']);
  },
};

const parcel: Row = {
  name: 'Parcel',
  isShort: false,
  run: async (service) => {
    const project = await Project.install(packages.parcel);
    await project.write({ 'index.html': html });
    const args = ['build', 'index.html', '--dist-dir', 'site', '--no-cache', '--log-level', 'warn'];
    await project.run(project.path('node_modules/.bin/parcel'), args);
    return await inPage(service, project, packages.parcel.parcel);
  },
};

const bunBuild: Row = {
  name: 'the bundler of Bun',
  isShort: false,
  run: async (service) => {
    const project = await Project.make(packages.bun);
    await project.write({ 'site/index.html': html });
    const args = ['build', 'page.js', '--outdir', 'site', '--minify', '--splitting'];
    await project.run(project.path('node_modules/.bin/bun'), args);
    return await inPage(service, project, packages.bun.bun);
  },
};

const rollup: Row = {
  name: 'Rollup with node-resolve alone',
  isShort: false,
  run: async (service) => {
    const project = await Project.make(packages.rollup);
    await project.write({ 'site/index.html': html });
    const args = [
      'page.js',
      '--dir',
      'site',
      '--format',
      'es',
      '--plugin',
      'node-resolve',
      '--failAfterWarnings',
    ];
    await project.run(project.path('node_modules/.bin/rollup'), args);
    return await inPage(service, project, packages.rollup.rollup);
  },
};

async function inPage(service: Service, project: Project, tool: string): Promise<Outcome> {
  const { version, steps } = await outcomeOfPage(service, project.path('site'));
  return { version: `${tool}, ${version}`, steps };
}

export const bundlerRows: readonly Row[] = [
  esbuildForNode('esm', 'bundle.mjs'),
  esbuildForNode('cjs', 'bundle.cjs'),
  vite,
  vitest('node'),
  vitest('jsdom'),
  vitest('happy-dom'),
  webpack('a page', './page.js', 'web'),
  webpack('a worker of a page', './entry.js', 'web'),
  webpack('the target webworker', './worker.js', 'webworker'),
  webpack('Node', './node.js', 'node'),
  rspack,
  parcel,
  bunBuild,
  rollup,
];
