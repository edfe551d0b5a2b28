import { settingsOf } from '../browser.js';
import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

/** Jest's jsdom has no `fetch` of its own; this one is made of its XMLHttpRequest. */
const optionsOf = {
  node: '{}',
  jsdom: "{ more: { fetch: require('whatwg-fetch').fetch }, isClientOnly: true }",
};

const test = (environment: 'node' | 'jsdom') => `
import { writeFileSync } from 'fs';
import { Observable } from 'rxjs';
import { Auth } from 'latchkey';
import { Scenario, scriptedSource } from 'latchkey/testing';
import * as connections from 'latchkey/connection';
import * as ablyJs from 'latchkey/connection/ably-js';
import * as inspect from 'latchkey/inspect';
import * as machines from 'latchkey/machines';
import * as server from 'latchkey/server';
import * as studio from 'latchkey/studio';
import { mainJob } from './job';

it('does the main job', async () => {
  const settings = JSON.parse(process.env.LATCHKEY_JOB as string);
  const outcome = await mainJob({ ...settings, ...${optionsOf[environment]} });
  expect([connections, ablyJs, inspect, machines, server, studio]).toHaveLength(6);
  const device = new Scenario();
  const source = scriptedSource(device.clock, { ttl: 60_000 });
  const auth = new Auth({ authCallback: source.authCallback, ...device.options });
  await auth.authorize();
  await device.clock.advance(120_000);
  const steps = {
    ...outcome,
    'latchkey/testing': (auth.state.value === 'authorized' && source.calls > 1) || auth.state.value,
    'one rxjs': auth.token$ instanceof Observable || 'another Observable',
  };
  auth.dispose();
  writeFileSync('outcome.json', JSON.stringify(steps));
}, 120_000);
`;

const compilers = {
  'babel-jest': {
    file: 'job.test.js',
    // The same text without its one type.
    text: (environment: 'node' | 'jsdom') => test(environment).replace(' as string', ''),
    config: {},
    files: {
      'babel.config.js':
        "module.exports = { presets: [['@babel/preset-env', { targets: { node: 'current' } }]] };",
    },
  },
  '@swc/jest': {
    file: 'job.test.ts',
    text: test,
    config: {
      transform: {
        '[jt]s$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }],
      },
    },
    files: {},
  },
  'ts-jest': {
    file: 'job.test.ts',
    text: test,
    config: { preset: 'ts-jest/presets/js-with-ts' },
    files: {
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ target: 'es2022', module: 'commonjs', moduleResolution: 'node10', strict: true },
          ...{ allowJs: true, esModuleInterop: true, skipLibCheck: true, types: ['node', 'jest'] },
        },
      }),
    },
  },
} as const;

const jest = (environment: 'node' | 'jsdom', compiler: keyof typeof compilers): Row => ({
  name: `Jest in ${environment} by ${compiler}`,
  isShort: false,
  ...(environment === 'node'
    ? {}
    : { without: { endpoint: 'jsdom has no Request, so that no token endpoint runs in it' } }),
  run: async (service) => {
    const { file, text, config, files } = compilers[compiler];
    const project = await Project.make(compiler === '@swc/jest' ? packages.swcJest : packages.jest, [], {});
    const url = { testEnvironmentOptions: { url: service.application } };
    await project.write({
      ...files,
      [file]: text(environment),
      'jest.config.json': JSON.stringify({ testEnvironment: environment, ...config, ...url }),
    });
    const program = project.path('node_modules/jest/bin/jest.js');
    const env = { LATCHKEY_JOB: JSON.stringify(settingsOf(service)) };
    await project.run(process.execPath, [program, '--config', 'jest.config.json'], env);
    return { version: packages.jest.jest, steps: await project.read('outcome.json') };
  },
});

export const jestRows: readonly Row[] = [
  ...(['node', 'jsdom'] as const).flatMap((environment) =>
    (['babel-jest', 'ts-jest'] as const).map((compiler) => jest(environment, compiler)),
  ),
  jest('node', '@swc/jest'),
];
