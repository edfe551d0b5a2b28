import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import { Project } from '../project.js';
import type { Row, Steps } from '../row.js';
import type { Service } from '../service.js';
import { packages } from '../versions.js';

const accepted = 'the sandbox accepts the TokenRequest that was signed';
const compiled = 'the compiler of today compiles the package as it is';

/** What the sandbox answers: a token for a TokenRequest, and the frames of a connection and of its upgrade. */
async function recorded({ host, port, key, application }: Service): Promise<object> {
  const service = { endpoint: host, port, tls: false };
  const issuer = new Auth({ key, useTokenAuth: true, ...service });
  const tokenRequest = await issuer.createTokenRequest({ clientId: 'ada', ttl: 3_600_000 });
  const details = await issuer.requestToken({ clientId: 'ada', ttl: 3_600_000 });
  const frames: string[] = [];
  const { WebSocket } = await import('ws');
  class Recorder extends WebSocket {
    constructor(url: string) {
      super(url);
      this.on('message', (data, isBinary) => {
        if (!isBinary && JSON.parse(String(data)).action === CONNECTED) frames.push(String(data));
      });
    }
  }
  const connection = new RealtimeConnection({ ...service, WebSocket: Recorder as never });
  const auth = new Auth({ authUrl: `${application}/token`, connection, ...service });
  await auth.authorize();
  await auth.authorize();
  auth.dispose();
  connection.dispose();
  issuer.dispose();
  return { key, tokenRequest, details, frames };
}

const CONNECTED = 4;

/** The engine of React Native. Its program has no network, so that the service's answers are recorded before. */
export const hermesRows: readonly Row[] = [
  {
    name: 'Hermes, without a network',
    isShort: false,
    without: { endpoint: 'an app on a device serves no tokens' },
    besides: ['signing', accepted, compiled],
    run: async (service) => {
      const project = await Project.make(packages.hermes);
      await build({
        entryPoints: [project.path('hermes.js')],
        outfile: project.path('bundle.js'),
        bundle: true,
        format: 'iife',
        platform: 'browser',
        conditions: ['react-native'],
        mainFields: ['react-native', 'browser', 'main'],
        define: { 'process.env.NODE_ENV': '"production"' },
        logLevel: 'error',
      });
      const newest = 'node_modules/hermes-compiler/hermesc/linux64-bin/hermesc';
      const compiling = project.run(newest, ['-w', '-emit-binary', '-out', 'bundle.hbc', 'bundle.js']);
      const isCompiled = await compiling.then(
        (): true => true,
        (error: Error) => error.message,
      );
      // Apps for this old version translate all that is newer, as React Native's Babel preset does.
      const { transformFileAsync } = createRequire(project.path('x.js'))('@babel/core');
      const presets = [['@babel/preset-env', { forceAllTransforms: true, modules: false }]];
      const options = { cwd: project.home, configFile: false, babelrc: false, compact: false, presets };
      const { code } = await transformFileAsync(project.path('bundle.js'), options);
      const given = JSON.stringify(JSON.stringify(await recorded(service)));
      await project.write({ 'translated.js': `globalThis.given = ${given};\n${code}` });
      const program = 'node_modules/hermes-engine-cli/linux64-bin/hermes';
      const printed = await project.run(program, ['-w', '-Xes6-promise', 'translated.js']);
      const { signed, ...steps } = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Steps;
      const { host, port, key } = service;
      const path = `/keys/${key.split(':')[0]}/requestToken`;
      const answer = await fetch(`http://${host}:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: String(signed),
      });
      const isAccepted = answer.ok || `${answer.status} ${await answer.text()}`;
      const version = `${packages.hermes['hermes-engine-cli']}; compiler ${packages.hermes['hermes-compiler']}`;
      return { version, steps: { ...steps, [accepted]: isAccepted, [compiled]: isCompiled } };
    },
  },
];
