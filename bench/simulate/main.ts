import { parseArgs } from 'node:util';
import { ages, type Cell } from './ages.js';
import { agesText } from './ages-text.js';
import { type ClientWeek, clientWeek, PROFILES } from './clients.js';
import { clientsText } from './clients-text.js';
import { type CurvePoint, curve, herds } from './herd.js';
import { curveText, herdText } from './herd-text.js';
import { type WeekReport, week } from './week.js';
import { weekText } from './week-text.js';

/** `npm run simulate -- week|ages|herd [--json] [--seeds n]`: virtual time, with the plan of the product. */
const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seeds: { type: 'string', default: '3' } },
  allowPositionals: true,
});

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
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    report.week.push(await week(seed));
    for (const profile of PROFILES) report.clients.push(await clientWeek(profile, seed));
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
  console.log(`\n${process.uptime().toFixed(0)} s, ${(maxRSS / 1_024).toFixed(0)} MB`);
}
