import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './browser-builds.js';
import { type Measure, smallerIsBetter } from './measure.js';

const AUTH = "export { Auth } from 'latchkey';";
const CONNECTED = `${AUTH} export { RealtimeConnection } from 'latchkey/connection';`;

/** What a browser downloads, minified and gzipped, dependencies included. */
export async function bundleSizes(): Promise<Measure[]> {
  const [auth, connected, whole, rest, realtime] = await Promise.all(
    [
      AUTH,
      CONNECTED,
      "export { Rest, Realtime } from 'ably';",
      "export { BaseRest, FetchRequest } from 'ably/modular';",
      "export { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular';",
    ].map(gzippedBytes),
  );
  return [
    sizes('Auth', auth, 'ably', whole),
    sizes('Auth', auth, 'ably/modular BaseRest', rest),
    sizes('Auth + RealtimeConnection', connected, 'ably', whole),
    sizes('Auth + RealtimeConnection', connected, 'ably/modular BaseRealtime', realtime, true),
  ];
}

function sizes(
  name: string,
  latchkey = Number.NaN,
  against: string,
  other = Number.NaN,
  isLast = false,
): Measure {
  return smallerIsBetter({
    name: `bundle of ${name}, gzipped`,
    unit: 'bytes',
    latchkey,
    against,
    other,
    ...(isLast ? { note: 'ably does more than Latchkey does: channels, messages, presence' } : {}),
  });
}

async function gzippedBytes(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild gave no bundle');
  return gzipSync(file.contents, { level: 9 }).byteLength;
}
