import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

/** A bundle is a script of the global scope, not a module. */
const runner = `
const { readFileSync } = require('node:fs');
require('node:vm').runInThisContext(readFileSync('bundle.js', 'utf8'));`;

/** React Native has a WebSocket; Node 20 has it on demand. */
const socket = typeof WebSocket === 'undefined' ? ['--experimental-websocket'] : [];

const rows = (['metro81', 'metro87'] as const).flatMap((name) =>
  [false, true].map((hasExports): Row => {
    const version = packages[name].metro;
    return {
      name: `Metro ${version.split('.').slice(0, 2).join('.')} ${hasExports ? 'with' : 'without'} package exports`,
      isShort: false,
      run: async (service) => {
        const project = await Project.make(packages[name], [], {});
        await project.write({
          'babel.config.js': "module.exports = { plugins: ['@babel/plugin-transform-modules-commonjs'] };",
          'run.cjs': runner,
        });
        await project.run(process.execPath, ['metro.cjs', hasExports ? 'exports' : 'main']);
        return { version, steps: await project.job(process.execPath, [...socket, 'run.cjs'], service) };
      },
    };
  }),
);

export const metroRows: readonly Row[] = rows;
