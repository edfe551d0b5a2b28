import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import type * as machines from '../../machines/index.js';
import type * as ablyJs from '../../src/connection/ably-js/index.js';
import type * as graphqlWsClient from '../../src/connection/graphql-ws/index.js';
import type * as hocuspocus from '../../src/connection/hocuspocus/index.js';
import type * as connection from '../../src/connection/index.js';
import type * as reconnecting from '../../src/connection/reconnecting/index.js';
import type * as socketIo from '../../src/connection/socket-io/index.js';
import type * as stack from '../../src/connection/stack/index.js';
import type * as main from '../../src/index.js';
import type * as inspect from '../../src/inspect.js';
import type * as react from '../../src/react/index.js';
import type * as sandbox from '../../src/sandbox/index.js';
import type * as graphqlWs from '../../src/server/graphql-ws/index.js';
import type * as server from '../../src/server/index.js';
import type * as node from '../../src/server/listener.node.js';
import type * as ws from '../../src/server/ws/index.js';
import type * as host from '../../src/sharing/host/index.node.js';
import type * as sharing from '../../src/sharing/index.js';
import type * as redis from '../../src/sharing/redis/index.js';
import type * as web from '../../src/sharing/web/index.js';
import type * as studio from '../../src/studio/index.js';
import type * as testing from '../../src/testing/index.js';
import { root } from './imports.js';

/** Every entry, which an app may have twice. */
export interface Copy {
  readonly main: typeof main;
  readonly machines: typeof machines;
  readonly connection: typeof connection;
  readonly ablyJs: typeof ablyJs;
  readonly graphqlWsClient: typeof graphqlWsClient;
  readonly hocuspocus: typeof hocuspocus;
  readonly reconnecting: typeof reconnecting;
  readonly socketIo: typeof socketIo;
  readonly stack: typeof stack;
  readonly sharing: typeof sharing;
  readonly web: typeof web;
  readonly redis: typeof redis;
  readonly host: typeof host;
  readonly sandbox: typeof sandbox;
  readonly inspect: typeof inspect;
  readonly studio: typeof studio;
  readonly server: typeof server;
  readonly node: typeof node;
  readonly ws: typeof ws;
  readonly graphqlWs: typeof graphqlWs;
  readonly testing: typeof testing;
  readonly react: typeof react;
}

const entries: Readonly<Record<keyof Copy, string>> = {
  main: 'src/index.ts',
  machines: 'machines/index.ts',
  connection: 'src/connection/index.ts',
  ablyJs: 'src/connection/ably-js/index.ts',
  graphqlWsClient: 'src/connection/graphql-ws/index.ts',
  hocuspocus: 'src/connection/hocuspocus/index.ts',
  reconnecting: 'src/connection/reconnecting/index.ts',
  socketIo: 'src/connection/socket-io/index.ts',
  stack: 'src/connection/stack/index.ts',
  sharing: 'src/sharing/index.ts',
  web: 'src/sharing/web/index.ts',
  redis: 'src/sharing/redis/index.ts',
  host: 'src/sharing/host/index.node.ts',
  sandbox: 'src/sandbox/index.ts',
  inspect: 'src/inspect.ts',
  studio: 'src/studio/index.ts',
  server: 'src/server/index.ts',
  node: 'src/server/listener.node.ts',
  ws: 'src/server/ws/index.ts',
  graphqlWs: 'src/server/graphql-ws/index.ts',
  testing: 'src/testing/index.ts',
  react: 'src/react/index.ts',
};

/**
 * Loads the package once more with all of its dependencies except React, of which an app has one. Its classes differ from
 * those of the first copy.
 */
export async function secondCopy(): Promise<Copy> {
  // Here `require('react')` finds the React of the tests.
  const home = join(root, 'node_modules/.cache');
  mkdirSync(home, { recursive: true });
  const folder = await mkdtemp(join(home, 'copy-'));
  try {
    const outfile = join(folder, 'copy.cjs');
    await build({
      stdin: {
        contents: Object.entries(entries)
          .map(([name, path]) => `export * as ${name} from './${path}';`)
          .join('\n'),
        resolveDir: root,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      conditions: ['latchkey-source'],
      // What the studio is drawn with needs a page.
      external: ['react', './ui/app.js', './ui/panel.js'],
      outfile,
    });
    return createRequire(import.meta.url)(outfile) as Copy;
  } finally {
    await rm(folder, { recursive: true });
  }
}
