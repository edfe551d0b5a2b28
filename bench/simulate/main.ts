import { parseArgs } from 'node:util';
import { ages, type Cell } from './ages.js';
import { agesText } from './ages-text.js';
import { type ClientWeek, clientWeek, PROFILES } from './clients.js';
import { clientsText } from './clients-text.js';
import { type CurvePoint, curve, herds } from './herd.js';
import { curveText, herdText } from './herd-text.js';
import { loadLateParts } from './late-parts.js';
import { type WeekReport, week } from './week.js';
import { weekText } from './week-text.js';

/**
 * `npm run simulate -- week|ages|herd [--json] [--seeds n] [--from n] [--hours n]`: virtual time, with the plan of the
 * product. `--from` is the first seed, `--hours` the length of a week. One seed gives the same report each time.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '3' },
    from: { type: 'string', default: '1' },
    hours: { type: 'string', default: String(7 * 24) },
  },
  allowPositionals: true,
});
await loadLateParts();

const wants = (name: string) => positionals.length === 0 || positionals.includes(name);
const report: {
  week?: WeekReport[];
  clients?: ClientWeek[];
  ages?: readonly Cell[];
  herd?: ReturnType<typeof herds>;
  curve?: readonly CurvePoint[];
} = {};
if (wants('week')) {
  report.week = [];
  report.clients = [];
  const lengthMs = Number(values.hours) * 3_600_000;
  const first = Number(values.from);
  for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
    report.week.push(await week(seed, lengthMs));
    for (const profile of PROFILES) report.clients.push(await clientWeek(profile, seed, lengthMs));
  }
}
if (wants('ages')) report.ages = await ages();
if (wants('herd')) {
  report.herd = herds();
  report.curve = curve();
}

if (values.json) console.log(JSON.stringify(report));
else {
  for (const one of report.week ?? []) console.log(weekText(one));
  if (report.clients !== undefined) console.log(clientsText(report.clients));
  if (report.ages !== undefined) console.log(agesText(report.ages));
  for (const one of report.herd ?? []) console.log(herdText(one));
  if (report.curve !== undefined) console.log(curveText(report.curve));
  const { maxRSS } = process.resourceUsage();
  // Not a part of the report, which is the same each time.
  console.error(`\n${process.uptime().toFixed(0)} s, ${(maxRSS / 1_024).toFixed(0)} MB`);
}
