import type { Stretch } from './gaps.js';
import type { WeekReport } from './week.js';

/** The report of a week as text, a line for each figure. */
export function weekText(report: WeekReport): string {
  const lines = Object.entries(report).map(([name, value]: [string, number | Stretch]) => {
    const text = typeof value === 'number' ? amount(value) : stretchText(value);
    return `  ${words(name).padEnd(28)}${text}`;
  });
  return ['', 'week', ...lines].join('\n');
}

const amount = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 });

const stretchText = ({ count, longest, median }: Stretch) =>
  count === 0 ? 'none' : `${count}, median ${amount(median)} ms, longest ${amount(longest)} ms`;

const words = (name: string) => name.replace(/[A-Z]|\d+s/g, (part) => ` ${part.toLowerCase()}`);
