import { parseArgs } from 'node:util';
import { herds } from './herd.js';
import { type WeekReport, week } from './week.js';

/** `npm run simulate -- week|herd [--json] [--seeds n]`: virtual time, the product's own plans. */
const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seeds: { type: 'string', default: '3' } },
  allowPositionals: true,
});

const wants = (name: string) => positionals.length === 0 || positionals.includes(name);
const report: { week?: WeekReport[]; herd?: ReturnType<typeof herds> } = {};
if (wants('week')) {
  report.week = [];
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) report.week.push(await week(seed));
}
if (wants('herd')) report.herd = herds();

if (values.json) console.log(JSON.stringify(report));
else {
  for (const one of report.week ?? []) {
    const { seed, gaps, ...rest } = one;
    console.log(`\nweek, seed ${seed}`);
    const rows = { ...rest, gaps: gaps.count, 'longest gap': gaps.longest, 'median gap': gaps.median };
    for (const [name, value] of Object.entries(rows)) {
      console.log(
        `  ${name.padEnd(24)}${Number(value).toLocaleString('en', { maximumFractionDigits: 2 }).padStart(16)}`,
      );
    }
  }
  for (const { name, hours, cost, afterOutage } of report.herd ?? []) {
    console.log(`\nherd of 1,000,000: ${name}; cost ${cost.toFixed(3)} × the fewest calls`);
    hours.forEach(({ mean, peak, ratio }, hour) => {
      console.log(
        `  hour ${hour + 1}: mean ${mean.toFixed(0).padStart(6)}/s, peak ${peak.toFixed(0).padStart(8)}/s, ${ratio.toFixed(2)} ×`,
      );
    });
    if (afterOutage)
      console.log(
        `  after the outage: peak ${afterOutage.peak.toFixed(0)}/s, ${afterOutage.ratio.toFixed(2)} × the mean`,
      );
  }
}
