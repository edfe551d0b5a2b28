import type { StudioMessage, Told } from '../studio/messages.js';
import { type Paint, plain, type Style } from './colour.js';
import type { Reach } from './reach.js';
import { shown } from './terminal-text.js';

/** Prints a line for each log entry: the time, the title and the details. */
export function printEntries(
  print: (line: string) => void,
  paint: Paint = plain,
): (message: StudioMessage) => void {
  return (message) => {
    if (message.type !== 'entry' || message.entry.kind !== 'told') return;
    print(lineFor(message.entry.at, message.entry, paint));
  };
}

export function lineFor(
  at: number,
  { title, detail, tone }: Pick<Told, 'title' | 'detail' | 'tone'>,
  paint: Paint = plain,
): string {
  const time = paint('dim', new Date(at).toLocaleTimeString('en-GB'));
  const what = tone === 'calm' ? shown(title) : paint(tone satisfies Style, shown(title));
  return detail === '' ? `${time}  ${what}` : `${time}  ${what}: ${shown(detail)}`;
}

/** The lines below an entry: where and why something failed, and what to do. */
export function reachLines(why: Reach | undefined, paint: Paint = plain): string[] {
  if (why === undefined) return [];
  const indent = ' '.repeat(10);
  return [`${indent}${shown(why.observed)}`, `${indent}${paint('warning', '→')} ${shown(why.remedy)}`];
}
