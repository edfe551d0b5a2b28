import { fileURLToPath } from 'node:url';
import type { Recorder } from '../studio/recorder.js';
import { startStudio } from '../studio/server/studio-server.js';
import type { Paint } from './colour.js';
import { startDemo } from './demo.js';
import type { Demo, DemoOptions } from './demo-client.js';
import { observed } from './observed-demo.js';
import { printEntries } from './print.js';

export interface ServeOptions extends DemoOptions {
  /** 0: any free port. */
  readonly port: number;
  /** The folder of the built page. */
  readonly root?: string;
  readonly print: (line: string) => void;
  readonly paint?: Paint | undefined;
}

export interface StudioDemo {
  readonly url: string;
  readonly demo: Demo;
  readonly recorder: Recorder;
  close(): Promise<void>;
}

/** The folder `dist/studio`, seen from the built file. */
export const BUILT = fileURLToPath(new URL(/* @vite-ignore */ '../../studio', import.meta.url));

/**
 * Starts the demo, and the studio page that shows it.
 *
 * @throws the system's error if the port is not available; then everything is stopped
 */
export async function serveStudio({
  port,
  root = BUILT,
  print,
  paint,
  ...options
}: ServeOptions): Promise<StudioDemo> {
  const demo = await startDemo(options);
  const { recorder, end: endDemo } = observed(demo);
  const mute = recorder.subscribe(printEntries(print, paint));
  const end = async () => {
    mute();
    await endDemo();
  };
  try {
    const studio = await startStudio({ link: recorder, root, port });
    return {
      url: studio.url,
      demo,
      recorder,
      async close() {
        await Promise.all([studio.close(), end()]);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
