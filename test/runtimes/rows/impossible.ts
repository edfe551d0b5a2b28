import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Project } from '../project.js';
import type { Impossible } from '../row.js';
import { packages } from '../versions.js';

const proof = (name: string) => fileURLToPath(new URL(`../cannot/${name}`, import.meta.url));

export const impossible: readonly Impossible[] = [
  {
    name: 'Rollup for Node, without a CommonJS plugin',
    reason: 'rxjs gives Node CommonJS, which Rollup alone cannot read',
    prove: async () => {
      const project = await Project.make(packages.rollup);
      await copyFile(proof('rollup-for-node.mjs'), project.path('proof.mjs'));
      const printed = await project.run(process.execPath, ['proof.mjs']);
      if (!/"Observable" is not exported by/.test(printed)) throw new Error(printed);
    },
  },
  {
    name: 'Jest in jsdom, a token endpoint',
    reason: 'jsdom has no Request, no Response and no crypto.subtle; use the environment node',
    prove: async () => {
      const project = await Project.make(packages.jest);
      await copyFile(proof('endpoint-in-jsdom.test.js'), project.path('proof.test.js'));
      await project.run(process.execPath, [
        'node_modules/jest/bin/jest.js',
        '--rootDir',
        project.home,
        'proof',
      ]);
    },
  },
];
