import manifest from '../../../package.json' with { type: 'json' };
import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

/** Every entry with types. */
const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([entry]) => entry.slice(1));

const use = `import { Auth } from 'latchkey';
${entries.map((entry, index) => `export * as m${index} from 'latchkey${entry}';`).join('\n')}
export const token: Promise<string> = new Auth('a.b:c').getToken().then(({ token }) => token);
`;

/** Which compiler reads which file, and what it must say. */
const cases: Readonly<Record<string, readonly [compiler: string, file: string, says: RegExp]>> = {
  'TypeScript 5.0 compiles an import': ['ts50', 'use.mts', /^$/],
  'TypeScript 5.3 compiles a require': ['ts53', 'use.cts', /^$/],
  'TypeScript 4.9 is told the lowest version': ['ts49', 'use.mts', /latchkey-needs-typescript-5\.0-or-newer/],
  'TypeScript 5.2 is told the lowest version for a require': [
    'ts52',
    'use.cts',
    /latchkey-needs-typescript-5\.3-or-newer-for-require/,
  ],
};

export const typescriptRows: readonly Row[] = [
  {
    name: 'TypeScript, the lowest versions',
    isShort: false,
    isWithoutJob: true,
    run: async () => {
      const project = await Project.make(packages.typescript);
      await project.write({ 'use.mts': use, 'use.cts': use });
      const steps: Record<string, true | string> = {};
      for (const [name, [compiler, file, says]] of Object.entries(cases)) {
        const tsc = `node_modules/${compiler}/bin/tsc`;
        const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'node16', '--target', 'es2022'];
        const more = ['--lib', 'es2022,dom', '--types', 'node', file];
        const printed = await project.run(process.execPath, [tsc, ...flags, ...more]).catch(
          // The first line is the command.
          ({ message }: Error) => message.slice(message.indexOf('\n') + 1),
        );
        steps[name] = says.test(printed) || printed;
      }
      return { version: '4.9, 5.0, 5.2, 5.3', steps };
    },
  },
];
