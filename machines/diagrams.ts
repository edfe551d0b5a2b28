import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { authMachine } from './auth.machine.js';
import { connectionMachine } from './connection.machine.js';
import { mermaid } from './mermaid.js';

/** The file with the diagrams. */
export const readmePath = fileURLToPath(new URL('README.md', import.meta.url));

const machines: Readonly<Record<string, AnyStateMachine>> = {
  auth: authMachine,
  connection: connectionMachine,
};

/** The text of the README with new diagrams between its markers. */
export function withDiagrams(readme: string): string {
  return readme.replace(
    /(<!-- diagram: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_whole, open: string, name: string, end: string) => {
      const machine = machines[name];
      if (machine === undefined) throw new Error(`There is no machine called ${name}`);
      return `${open}\`\`\`mermaid\n${mermaid(machine)}\n\`\`\`\n${end}`;
    },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(readmePath, withDiagrams(readFileSync(readmePath, 'utf8')));
}
