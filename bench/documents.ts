import { parseArgs } from 'node:util';
import { Documents, LIFE_MS } from '../test/kit/documents.js';

/** Prints what many documents cost in an hour: each with a source of its own, and all over one source. */
const { values } = parseArgs({
  options: { count: { type: 'string', default: '100' }, json: { type: 'boolean', default: false } },
});
const count = Number(values.count);
const HOUR_MS = 3_600_000;

interface Row {
  readonly source: 'one each' | 'one for all';
  readonly calls: number;
  readonly deadTokens: number;
  readonly bytesEach: number;
}

async function measured(isShared: boolean): Promise<Row> {
  const documents = new Documents();
  const before = await bytesInUse();
  await documents.open(count, isShared);
  const bytesEach = Math.round(((await bytesInUse()) - before) / count);
  await documents.clock.advance(HOUR_MS);
  const { calls, deadTokens } = documents;
  documents.dispose();
  return { source: isShared ? 'one for all' : 'one each', calls, deadTokens, bytesEach };
}

async function bytesInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  for (let time = 0; time < 4; time += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

// The first run loads and compiles.
await measured(true);
const rows = [await measured(false), await measured(true)];
if (values.json) console.log(JSON.stringify({ count, lifeMs: LIFE_MS, hours: 1, rows }));
else {
  console.log(`${count} documents, tokens of ${LIFE_MS / 60_000} min, an hour`);
  console.table(rows);
}
