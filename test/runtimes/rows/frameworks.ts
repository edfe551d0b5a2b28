import { build } from 'esbuild';
import { outcomeOfPage } from '../browser.js';
import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

/** Clients that live in what a component's data becomes: a proxy. */
const vue = `
import { createApp, h, reactive, ref } from 'vue';
import { mainJob } from './job.js';

const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)));
createApp({
  setup() {
    const state = ref('');
    mainJob(settings, (auth) => reactive({ auth }).auth).then((outcome) => {
      globalThis.outcome = outcome;
    });
    return () => h('p', state.value);
  },
}).mount(document.body.appendChild(document.createElement('div')));
`;

/** The whole job in Angular's zone, and a client with a token besides: the app must become stable, as a server waits for. */
const angular = `
import 'zone.js';
import '@angular/compiler';
import { ApplicationRef, Component, NgZone, provideZoneChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { Auth } from 'latchkey';
import { mainJob } from './job.js';

const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)));
class App {}
Component({ selector: 'app-root', template: '<p>An app</p>' })(App);
document.body.appendChild(document.createElement('app-root'));

bootstrapApplication(App, { providers: [provideZoneChangeDetection()] }).then(async (app) => {
  const auth = app.injector.get(NgZone).run(() => {
    const { host, port, application } = settings;
    return new Auth({ authUrl: application + '/token', endpoint: host, port, tls: false });
  });
  await app.injector.get(NgZone).run(() => auth.authorize());
  const isStable = await Promise.race([
    app.injector.get(ApplicationRef).whenStable().then(() => true),
    new Promise((resolve) => setTimeout(() => resolve('not within 20 s, with a client that has a token'), 20_000)),
  ]);
  auth.dispose();
  const outcome = await app.injector.get(NgZone).run(() => mainJob(settings));
  globalThis.outcome = { ...outcome, 'becomes stable': isStable };
});
`;

const html =
  '<!doctype html><meta charset="utf-8"><title>A row</title><body><script type="module" src="page.js"></script>';

const framework = (
  name: string,
  isShort: boolean,
  text: string,
  make: () => Promise<Project>,
  version: string,
): Row => ({
  name,
  isShort,
  run: async (service) => {
    const project = await make();
    await project.write({ 'app.js': text, 'site/index.html': html });
    await build({
      entryPoints: [project.path('app.js')],
      outfile: project.path('site/page.js'),
      bundle: true,
      format: 'esm',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'error',
    });
    const { steps, version: browser } = await outcomeOfPage(service, project.path('site'));
    return { version: `${version}, ${browser}`, steps };
  },
});

export const frameworkRows: readonly Row[] = [
  framework('Vue, clients in reactive()', true, vue, () => Project.make({}, ['vue']), 'Vue 3.5.45'),
  framework(
    'Angular with zones',
    false,
    angular,
    () => Project.make(packages.angular),
    `Angular ${packages.angular['@angular/core']}, zone.js ${packages.angular['zone.js']}`,
  ),
];
