// Rollup reads modules alone, and with the condition `node` rxjs gives CommonJS: a bundle for Node needs
// @rollup/plugin-commonjs, or leaves rxjs out of it (`external: ['rxjs']`).
import { writeFileSync } from 'node:fs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

writeFileSync('entry.js', "import { Observable } from 'rxjs';\nconsole.log(Observable);\n");
const build = rollup({ input: 'entry.js', plugins: [nodeResolve({ exportConditions: ['node'] })] });
console.log(
  await build.then(
    () => 'built',
    (error) => error.message,
  ),
);
