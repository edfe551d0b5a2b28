import { measured } from './figures.js';
import { accept, faults } from './gates.js';

const [flag, ...words] = process.argv.slice(2);
const figures = await measured();
for (const [name, figure] of Object.entries(figures)) console.log(String(figure).padStart(9), name);
if (flag === '--accept') {
  accept(figures, words.join(' '));
} else {
  const above = faults(figures);
  for (const one of above) console.error(`above its gate: ${one}`);
  process.exitCode = above.length > 0 ? 1 : 0;
}
