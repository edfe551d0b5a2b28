import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { playgroundPage, playgroundScript } from './playground-page.js';

/** What `npm run playground` does: writes the playground as one file, and says where it is. */
const path = fileURLToPath(new URL('../playground.html', import.meta.url));

const { script, licenses } = await playgroundScript();
const page = playgroundPage(script, licenses);
writeFileSync(path, page);

const bytes = Buffer.from(page);
const kB = (count: number): string => `${(count / 1_000).toFixed(1)} kB`;
process.stdout.write(
  [
    'The playground is one file. Open it in a browser, or put it on any static host:',
    `  ${pathToFileURL(path).href}#auth-server-down`,
    `  ${kB(bytes.length)}, compressed ${kB(gzipSync(bytes).length)}`,
    '',
  ].join('\n'),
);
