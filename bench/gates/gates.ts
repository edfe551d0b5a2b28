import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Figures, tolerances } from './figures.js';

const path = fileURLToPath(new URL('./gates.json', import.meta.url));

/** An accepted rise of a figure, with its reason. */
interface Rise {
  readonly figure: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

interface Gates {
  readonly figures: Figures;
  readonly rises: readonly Rise[];
}

const read = (): Gates => JSON.parse(readFileSync(path, 'utf8')) as Gates;

/** The figures above their gates, in words. */
export function faults(now: Figures): readonly string[] {
  const { figures } = read();
  const names = new Set([...Object.keys(figures), ...Object.keys(now)]);
  return [...names].flatMap((name) => {
    const [gate, figure] = [figures[name], now[name]];
    if (gate === undefined || figure === undefined)
      return [`${name}: ${gate ?? 'no gate'} → ${figure ?? 'not measured'}`];
    return figure > gate * (1 + (tolerances[name] ?? 0)) ? [`${name}: ${gate} → ${figure}`] : [];
  });
}

/**
 * Makes the current figures the gates.
 * @param reason why some rise; required then
 */
export function accept(now: Figures, reason: string): void {
  const { figures, rises } = read();
  const risen = Object.entries(now).flatMap(([figure, to]) => {
    const from = figures[figure];
    return from !== undefined && to > from * (1 + (tolerances[figure] ?? 0))
      ? [{ figure, from, to, reason }]
      : [];
  });
  if (risen.length > 0 && reason === '') {
    throw new Error(`Say why in one line: npm run gates -- --accept "…"\n${JSON.stringify(risen, null, 2)}`);
  }
  writeFileSync(path, `${JSON.stringify({ figures: now, rises: [...rises, ...risen] }, null, 2)}\n`);
}
