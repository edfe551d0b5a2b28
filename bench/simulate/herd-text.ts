import type { CurvePoint, HerdReport, OutageReport } from './herd.js';

/** The report of a herd as text, a line for each hour. */
export function herdText({ name, clients, hours, cost, outage }: HerdReport): string {
  const lines = hours.map(
    ({ mean, peak, ratio }, hour) =>
      `  hour ${hour + 1}: mean ${rate(mean, 6)}, peak of 10 s ${rate(peak, 8)}, ${ratio.toFixed(2)} ×`,
  );
  const head = `\nherd of ${clients.toLocaleString('en')}: ${name}; ${cost.toFixed(3)} × the fewest calls`;
  return [head, ...lines, ...(outage === null ? [] : outageLines(outage))].join('\n');
}

function outageLines(outage: OutageReport): string[] {
  const { inVain, inVainPeak, peak, laterPeak, without, medianWait, longestWait } = outage;
  return [
    `  relative to the mean before: tries in vain ${inVain.toFixed(2)} × over the outage, ${inVainPeak.toFixed(2)} × at ` +
      `their worst; peak afterwards ${peak.toFixed(2)} ×, later waves ${laterPeak.toFixed(2)} ×`,
    without === 0
      ? '  no client was without a token'
      : `  ${without.toLocaleString('en')} tokens had expired; the next came ${medianWait} s (median), ${longestWait} s ` +
        '(longest) after the return',
  ];
}

/** The curve as a table. */
export const curveText = (points: readonly CurvePoint[]): string =>
  [
    '',
    'an outage of 30 min, hour-long tokens: peak afterwards against median wait without a token',
    '  lead      longest wait  calls   without a token  in vain   peak    median wait',
    ...points.map(
      (one) =>
        `  ${one.leadMinutes.toFixed(1).padStart(4)} min  ${one.capMinutes.toFixed(2).padStart(5)} min     ` +
        `${one.cost.toFixed(2)} ×  ${one.without.toLocaleString('en').padStart(11)}      ` +
        `${one.inVain.toFixed(1).padStart(4)} ×  ${one.peak.toFixed(1).padStart(5)} ×  ${String(one.medianWait).padStart(6)} s`,
    ),
  ].join('\n');

const rate = (value: number, width: number) => `${value.toFixed(0).padStart(width)}/s`;
