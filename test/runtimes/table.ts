import { type Impossible, type Outcome, type Row, steps } from './row.js';

/** A row that was run, or could not be. */
export interface Line {
  readonly name: string;
  readonly version: string;
  readonly hasPassed: boolean;
  /** It cannot be done, and a program without Latchkey has just shown it. */
  readonly isImpossible?: true;
  readonly isAbsent?: true;
  readonly steps: Outcome['steps'];
  /** Why it did not run, or why it cannot. */
  readonly note?: string;
}

/** Judges what a row has done: each step must be there, unless the row says why it is none of its. */
export function lineOf(
  { name, without, isWithoutJob, besides = [] }: Row,
  { version, steps: done }: Outcome,
): Line {
  const ofTheJob = steps.filter((step) => without === undefined || !step.startsWith('endpoint'));
  const missing = [...(isWithoutJob ? [] : ofTheJob), ...besides].filter((step) => !(step in done));
  const all = { ...done, ...Object.fromEntries(missing.map((step) => [step, 'was not done'])) };
  return {
    ...{ name, version, steps: all },
    hasPassed: Object.values(all).every((what) => what === true),
    ...(without === undefined ? {} : { note: without.endpoint }),
  };
}

const resultOf = ({ hasPassed, isImpossible, isAbsent }: Line): string => {
  if (!hasPassed) return 'FAILED';
  if (isAbsent) return 'absent';
  return isImpossible ? 'cannot' : 'passed';
};

const columns = ['TokenRequest', 'GET', 'POST', 'renewal', 'connection', 'upgrade', 'endpoint'];

/** As a row, where a program without Latchkey fails alike. */
export async function lineOfImpossible({ name, reason, prove }: Impossible): Promise<Line> {
  await prove();
  return { name, version: '', hasPassed: true, isImpossible: true, steps: {}, note: reason };
}

/** As a row, where the runtime is not there. */
export function lineOfAbsent({ name }: { readonly name: string }, { message }: Error): Line {
  return { name, version: '', hasPassed: true, isAbsent: true, steps: {}, note: message };
}

/** `runtime | version | … | result`, a line each, and below it what went wrong. */
export function tableOf(lines: readonly Line[]): string {
  const cells = (line: Line): string[] => {
    const all = Object.entries(line.steps);
    const sign = (which: (name: string) => boolean): string => {
      const of = all.filter(([name]) => which(name));
      if (of.length === 0) return '–';
      return of.every(([, what]) => what === true) ? 'yes' : 'NO';
    };
    const rest = all.filter(([name]) => !(steps as readonly string[]).includes(name));
    return [
      ...[line.name, line.version],
      ...columns.map((column) =>
        sign((name) =>
          column === 'endpoint' ? name.startsWith(column) : name.replace('authUrl ', '') === column,
        ),
      ),
      rest.length === 0 ? '–' : `${rest.filter(([, what]) => what === true).length} of ${rest.length}`,
      resultOf(line),
    ];
  };
  const rows = [['runtime', 'version', ...columns, 'besides', 'result'], ...lines.map(cells)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
  const notes = lines.flatMap(({ name, note, steps: done }) => [
    ...(note === undefined ? [] : [`${name}: ${note}`]),
    ...Object.entries(done).flatMap(([step, what]) => (what === true ? [] : [`${name}, ${step}: ${what}`])),
  ]);
  return [...text, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}
