import type { Measure } from './measure.js';

const HEADINGS = ['measure', 'latchkey', 'other', 'times better', 'against'];

/** The report as a table. */
export function tableOf(measures: readonly Measure[]): string {
  const rows = measures.map(rowOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const notes = measures.filter(({ note }) => note !== null).map(({ name, note }) => `  ${name}: ${note}`);
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [line(HEADINGS), rule, ...rows.map(line), '', 'Notes', ...notes].join('\n');
}

function rowOf({ name, unit, latchkey, other, against, ...more }: Measure): string[] {
  return [
    name,
    amount(latchkey, unit),
    other === null ? '' : amount(other, unit),
    ratioText(more),
    against ?? '',
  ];
}

function ratioText({ ratio, spread, target }: Pick<Measure, 'ratio' | 'spread' | 'target'>): string {
  if (ratio === null) return '';
  const range = spread === null ? '' : ` (${spread[0].toFixed(2)}–${spread[1].toFixed(2)})`;
  const promise = target === null ? '' : `, ${ratio >= target ? 'meets' : 'MISSES'} ${target}`;
  return `${ratio.toFixed(2)}×${range}${promise}`;
}

function amount(value: number, unit: Measure['unit']): string {
  const text = unit === 'ms' ? value.toFixed(2) : Math.round(value).toLocaleString('en');
  if (unit === 'count') return text;
  return unit === 'bytes' ? `${text} B` : unit === 'ms' ? `${text} ms` : `${text}/s`;
}
