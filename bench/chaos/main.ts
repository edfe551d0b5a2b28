import { parseArgs } from 'node:util';
import { type Storm, storm } from './storm.js';
import type { Report } from './tally.js';

/**
 * `npm run chaos -- [--json] [--seconds n] [--seed n]`: the `ably` package, Latchkey and Latchkey with the package as
 * its connection side by side, on real sockets with network faults.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
  },
});

/** What must be true for Latchkey. */
const promises: Readonly<Record<string, (ours: Report, theirs: Report, withSdk: Report) => boolean>> = {
  'every promise is settled': (ours) => ours.promisesUnsettled === 0,
  'no token expires under the connection while the source answers': (ours) =>
    ours.disconnectsWhileSourceAnswers === 0,
  'it is without a connection no longer than the other': (ours, theirs) =>
    ours.notConnected <= theirs.notConnected,
  'no transport is opened with a token that is known to be dead': (ours, _theirs, withSdk) =>
    ours.transportsWithDeadToken + withSdk.transportsWithDeadToken === 0,
};

const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('--seconds is a number above zero, --seed a whole number.');
  process.exit(2);
}
const result = await storm(seed, seconds);
const [ours, withSdk, theirs] = result.contenders as readonly [Report, Report, Report];
const broken = Object.keys(promises).filter((name) => !promises[name]?.(ours, theirs, withSdk));
if (values.json) console.log(JSON.stringify({ ...result, broken }));
else print(result);
process.exit(broken.length === 0 ? 0 : 1);

function print({ contenders, ...storm }: Storm): void {
  console.log(
    `${storm.seconds} s, seed ${storm.seed}: ${storm.cuts} cuts; source down ${percent(storm.sourceDownShare)}, ` +
      `AUTH late ${percent(storm.authLateShare)}, not answered ${percent(storm.authSilentShare)} of the time\n`,
  );
  const { name: _name, ...rows } = ours;
  console.log(`${''.padEnd(32)}${contenders.map(({ name }) => name.padStart(17)).join('')}`);
  for (const row of Object.keys(rows) as (keyof typeof rows)[]) {
    console.log(`${row.padEnd(32)}${contenders.map((one) => String(one[row]).padStart(17)).join('')}`);
  }
  for (const name of Object.keys(promises)) {
    console.log(`${broken.includes(name) ? 'BROKEN' : 'holds '}  ${name}`);
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
