import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { authorizeCycles } from './authorize.bench.js';
import { bundleSizes } from './bundle-size.bench.js';
import { creation } from './creation.bench.js';
import { fanOut } from './fan-out.bench.js';
import { heldTokens } from './held-token.bench.js';
import { imports } from './import.bench.js';
import { inFlight } from './in-flight.bench.js';
import type { Measure } from './measure.js';
import { memory } from './memory.bench.js';
import { reauthentication } from './reauthentication.bench.js';
import { renewalCycles } from './renewal.bench.js';
import { signing } from './signing.bench.js';
import { tableOf } from './table.js';
import { tokenEndpoints } from './token-endpoint.bench.js';
import { tokenRequests } from './token-request.bench.js';

const benches: Readonly<Record<string, () => Promise<Measure[]>>> = {
  signing,
  'token-request': tokenRequests,
  'token-endpoint': tokenEndpoints,
  authorize: authorizeCycles,
  renewal: renewalCycles,
  creation,
  'held-token': heldTokens,
  'in-flight': inFlight,
  memory,
  'fan-out': fanOut,
  reauthentication,
  'bundle-size': bundleSizes,
  import: imports,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

const measures: Measure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (!values.json) console.error(`measuring ${name} …`);
  measures.push(...(await bench()));
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
if (values.json) console.log(JSON.stringify({ machine, measures }));
else console.log(`\n${tableOf(measures)}\n\nNode ${machine.node}, ${machine.cores} × ${machine.cpu}`);
