import type { HerdReport } from './herd.js';

/** The report of a herd as text, a line for each hour. */
export function herdText({ name, hours, cost, afterOutage }: HerdReport): string {
  const lines = hours.map(
    ({ mean, peak, ratio }, hour) =>
      `  hour ${hour + 1}: mean ${rate(mean, 6)}, peak of 10 s ${rate(peak, 8)}, ${ratio.toFixed(2)} ×`,
  );
  const head = `\nherd of 1,000,000: ${name}; ${cost.toFixed(3)} × the fewest calls`;
  return [head, ...lines, ...(afterOutage === null ? [] : outageLines(afterOutage))].join('\n');
}

function outageLines(after: NonNullable<HerdReport['afterOutage']>): string[] {
  const { peak, ratio, without, medianWait, longestWait } = after;
  return [
    `  after the outage: peak of 10 s ${rate(peak, 0)}, ${ratio.toFixed(2)} × the mean before it`,
    `  ${without.toLocaleString('en')} tokens had died; the next came ${medianWait} s (median), ${longestWait} s (longest) after the return`,
  ];
}

const rate = (value: number, width: number) => `${value.toFixed(0).padStart(width)}/s`;
