import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { bareContext, places, run, scriptOf, WebSocket } from '../kit/bare-engine.js';
import { things } from '../kit/react-native-job.js';

const exec = promisify(execFile);

/** React Native itself is unpacked, not installed: of its hundreds of packages its network needs these. */
const VERSION = '0.88.1';
const packages = ['flow-remove-types', 'whatwg-fetch', 'base64-js', 'invariant', 'nullthrows'];

/** What React Native sets up before an app (Libraries/Core/setUpXHR.js), from its own modules. */
const setUp = `
const { URL, URLSearchParams } = require('./package/Libraries/Blob/URL');
const Blob = require('./package/Libraries/Blob/Blob').default;
const FormData = require('./package/Libraries/Network/FormData').default;
Object.assign(globalThis, { URL, URLSearchParams, Blob, FormData });
const FileReader = require('./package/Libraries/Blob/FileReader').default;
const XMLHttpRequest = require('./package/Libraries/Network/XMLHttpRequest').default;
const { AbortController } = require('./package/src/private/webapis/dom/abort-api/AbortController');
const { AbortSignal_public: AbortSignal } = require('./package/src/private/webapis/dom/abort-api/AbortSignal');
Object.assign(globalThis, { FileReader, XMLHttpRequest, AbortController, AbortSignal });
const { fetch, Headers, Request, Response } = require('./package/Libraries/Network/fetch');
Object.assign(globalThis, { fetch, Headers, Request, Response });
`;

/** Where JavaScript ends in React Native: these modules call the system, and here Node. */
const native: Readonly<Record<string, string>> = {
  RCTNetworking: 'export default globalThis.__native.networking;',
  NativeBlobModule: 'export default globalThis.__native.blobs;',
  NativeFileReaderModule: 'export default globalThis.__native.reader;',
  TurboModuleRegistry: 'export const get = () => null; export const getEnforcing = () => ({});',
};

function reactNativeSources(home: string): Plugin {
  const strip = createRequire(join(home, 'package.json'))('flow-remove-types') as (
    text: string,
    options: object,
  ) => { toString(): string };
  return {
    name: 'react-native',
    setup(to) {
      to.onResolve(
        { filter: /\/(RCTNetworking|Native(Blob|FileReader)Module|TurboModuleRegistry)$/ },
        ({ path }) => ({
          path: path.slice(path.lastIndexOf('/') + 1),
          namespace: 'native',
        }),
      );
      to.onLoad({ filter: /.*/, namespace: 'native' }, ({ path }) => ({ contents: native[path] ?? '' }));
      to.onLoad({ filter: /[\\/]package[\\/].*\.js$/ }, async ({ path }) => ({
        contents: strip(await readFile(path, 'utf8'), { all: true, pretty: true }).toString(),
      }));
    },
  };
}

type Listener = (args: readonly unknown[]) => void;
interface BlobData {
  readonly blobId: string;
}

/** The system's side: requests, and the blobs that their answers are kept in. */
function systemSide(): object {
  const listeners = new Map<string, Set<Listener>>();
  const blobs = new Map<string, Buffer>();
  const requests = new Map<number, AbortController>();
  let count = 0;
  const tell = (event: string, ...args: unknown[]) => {
    for (const listener of listeners.get(event) ?? []) listener(args);
  };
  const send = async (id: number, url: string, init: RequestInit, kind: string) => {
    try {
      const response = await fetch(url, init);
      tell(
        'didReceiveNetworkResponse',
        id,
        response.status,
        Object.fromEntries(response.headers),
        response.url,
      );
      const bytes = Buffer.from(await response.arrayBuffer());
      const blobId = `blob-${id}`;
      blobs.set(blobId, bytes);
      const blob = { blobId, offset: 0, size: bytes.length };
      tell(
        'didReceiveNetworkData',
        id,
        kind === 'blob' ? blob : bytes.toString(kind === 'text' ? 'utf8' : 'base64'),
      );
      tell('didCompleteNetworkResponse', id, '', false);
    } catch (error) {
      tell('didCompleteNetworkResponse', id, String(error), false);
    }
  };
  return {
    networking: {
      addListener(event: string, listener: Listener) {
        const all = listeners.get(event) ?? new Set();
        listeners.set(event, all.add(listener));
        return { remove: () => all.delete(listener) };
      },
      sendRequest(...given: readonly unknown[]) {
        const [method, , url, headers, body, kind, , , created] = given as [
          string,
          unknown,
          string,
          Record<string, string>,
          string | null | undefined,
          string,
          unknown,
          unknown,
          (id: number) => void,
        ];
        count += 1;
        const over = new AbortController();
        requests.set(count, over);
        created(count);
        const init = { method, headers: { ...headers }, signal: over.signal };
        void send(count, url, { ...init, ...(body ? { body } : {}) }, kind);
      },
      abortRequest: (id: number) => requests.get(id)?.abort(),
    },
    blobs: {
      getConstants: () => ({ BLOB_URI_SCHEME: 'blob', BLOB_URI_HOST: null }),
      addNetworkingHandler() {},
      createFromParts() {},
      release: (id: string) => blobs.delete(id),
    },
    reader: {
      readAsText: async ({ blobId }: BlobData) => blobs.get(blobId)?.toString('utf8') ?? '',
      readAsDataURL: async ({ blobId }: BlobData) =>
        `data:application/octet-stream;base64,${blobs.get(blobId)?.toString('base64') ?? ''}`,
    },
  };
}

/**
 * The main job with React Native's own `URL`, `fetch`, `XMLHttpRequest` and `AbortController`, in a context with
 * nothing but the language beside them. Needs a build.
 *
 * @param home an empty folder to unpack them in
 * @returns the version, and what was not as it should be
 */
export async function reactNative(
  home: string,
): Promise<{ readonly version: string; readonly faults: readonly string[] }> {
  await writeFile(join(home, 'package.json'), '{}');
  await exec('npm', ['install', '--no-save', '--ignore-scripts', ...packages], { cwd: home });
  await exec('npm', ['pack', '--silent', `react-native@${VERSION}`], { cwd: home });
  await exec('tar', ['xzf', `react-native-${VERSION}.tgz`], { cwd: home });
  const { outputFiles } = await build({
    stdin: { contents: setUp, resolveDir: home },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['main'],
    target: 'es2022',
    define: { global: 'globalThis', __DEV__: 'false', 'process.env.NODE_ENV': '"production"' },
    plugins: [reactNativeSources(home)],
  });
  const at = await places();
  try {
    const context = bareContext({ WebSocket, performance, __native: systemSide() });
    run(outputFiles[0]?.text ?? '', context);
    run(await scriptOf('./react-native-job.ts', 'library', []), context);
    const library = run<typeof import('../kit/react-native-job.js')>('library', context);
    const given = await library.doAll(at.job);
    const faults = Object.entries(things).flatMap(([name, [, gives]]) => {
      const got: unknown = JSON.parse(JSON.stringify(given[name] ?? null));
      return isDeepStrictEqual(got, gives) ? [] : [`${name}: ${JSON.stringify(got)}`];
    });
    return { version: VERSION, faults };
  } finally {
    await at.close();
  }
}
