import type { StudioMessage } from '../studio/messages.js';

/** Prints a line for each thing that is told: the time, what happened, the details. */
export function printTold(print: (line: string) => void): (message: StudioMessage) => void {
  return (message) => {
    if (message.type !== 'entry' || message.entry.kind !== 'told') return;
    const { at, title, detail } = message.entry;
    const time = new Date(at).toLocaleTimeString('en-GB');
    print(detail === '' ? `${time}  ${title}` : `${time}  ${title}: ${detail}`);
  };
}
