import { parseArgs } from 'node:util';
import { rows } from './rows/index.js';
import { broken, run } from './run.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string' },
  },
});
const chosen = rows.filter(
  ({ stack }) => values.only?.split(',').some((one) => stack.startsWith(one)) ?? true,
);
if (chosen.length === 0) {
  console.error(`--only must name some of ${[...new Set(rows.map(({ stack }) => stack))].join(', ')}`);
  process.exit(2);
}

// Each document of y-websocket listens for the exit.
process.setMaxListeners(0);

// The documented ways leave rejections without a handler, which would end the process. They are counted by what is lost.
process.on('unhandledRejection', () => {});

const [lengthMs, clients] = values.short ? [15_000, 2] : [120_000, 5];
const counted = Number(values.clients ?? clients);
const results = await Promise.all(chosen.map((row) => run(row, counted, lengthMs, Number(values.seed))));
const judged = results.map((result) => {
  if (result.way !== 'latchkey') return { ...result, broken: [] };
  const theirs = results.find(({ stack, way }) => stack === result.stack && way === 'documentation');
  return { ...result, broken: broken(result, theirs) };
});

if (values.json)
  console.log(JSON.stringify({ lengthMs, clients: counted, seed: Number(values.seed), rows: judged }));
else {
  console.log(`${counted} clients a row, ${lengthMs / 1_000} s of weather, seed ${values.seed}`);
  console.table(
    judged.map(({ stack, way, subscriptions, broken: faults, ...row }) => ({
      stack,
      way,
      'dead tokens': row.deadTokens,
      'source calls': row.sourceCalls,
      'calls a connected minute': row.callsPerConnectedMinute,
      'not connected, s': Math.round(row.notConnectedMs / 1_000),
      'subscriptions lost': `${row.subscriptionsLost} of ${subscriptions}`,
      broken: faults.join('; '),
    })),
  );
  for (const { stack, page } of judged) if (page) console.log(`${stack}: ${page.url} (${page.date})`);
}
process.exit(judged.every((row) => row.broken.length === 0) ? 0 : 1);
