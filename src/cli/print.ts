import type { StudioMessage, Told } from '../studio/messages.js';
import { shown } from './terminal-text.js';

/** Prints a line for each log entry: the time, the title and the details. */
export function printEntries(print: (line: string) => void): (message: StudioMessage) => void {
  return (message) => {
    if (message.type !== 'entry' || message.entry.kind !== 'told') return;
    print(lineFor(message.entry.at, message.entry));
  };
}

export function lineFor(at: number, { title, detail }: Pick<Told, 'title' | 'detail'>): string {
  const time = new Date(at).toLocaleTimeString('en-GB');
  return shown(detail === '' ? `${time}  ${title}` : `${time}  ${title}: ${detail}`);
}
