import { fileURLToPath } from 'node:url';
import { Feed } from '../studio/feed.js';
import { startStudio } from '../studio/server.js';
import { type Demo, type DemoOptions, startDemo } from './demo.js';
import { toldControls } from './presses.js';
import { lineFor, printEvents } from './print.js';

export interface ServeOptions extends DemoOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Where the page was built into. */
  readonly root?: string;
  readonly print: (line: string) => void;
}

export interface StudioDemo {
  readonly url: string;
  readonly demo: Demo;
  readonly feed: Feed;
  close(): Promise<void>;
}

/** `dist/studio`, seen from where this file is built to. */
const BUILT = fileURLToPath(new URL('../../studio', import.meta.url));

/**
 * The demo, and the studio page that shows it.
 *
 * @throws the system's error when the port cannot be had; nothing is left running then
 */
export async function serveStudio({
  port,
  root = BUILT,
  print,
  ...options
}: ServeOptions): Promise<StudioDemo> {
  const demo = await startDemo(options);
  const { auth, connection, clock, steps, tokenEndpoint } = demo;
  const feed = new Feed({ auth, connection, clock, steps, isSourceUp: () => tokenEndpoint.isUp });
  const controls = toldControls(demo, feed, (words) => print(lineFor(clock.now(), words)));
  const mute = printEvents(auth, () => clock.now(), print);
  const end = async () => {
    mute();
    feed.dispose();
    await demo.dispose();
  };
  try {
    const studio = await startStudio({ feed, controls, root, port });
    return {
      url: studio.url,
      demo,
      feed,
      async close() {
        await Promise.all([studio.close(), end()]);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
