import { fileURLToPath } from 'node:url';
import { Recorder } from '../studio/recorder.js';
import { startStudio } from '../studio/server/studio-server.js';
import { Subject } from '../studio/subject.js';
import type { Paint } from './colour.js';
import { type Demo, type DemoOptions, startDemo } from './demo.js';
import { Faults } from './faults.js';
import { printEntries } from './print.js';
import { Scenarios } from './scenarios.js';
import { serviceWords } from './service-words.js';

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
  const faults = new Faults(demo);
  const scenarios = new Scenarios(demo, faults, (entry) =>
    entry === null ? recorder.refresh() : recorder.note(entry),
  );
  const recorder = new Recorder(new Subject(demo.auth), {
    title: 'a client of the embedded service',
    controls: [...faults.controls, ...scenarios.controls],
    standing: () => ({ on: [...faults.on, ...scenarios.on], rate: demo.clock.rate }),
  });
  const mute = recorder.subscribe(printEntries(print, paint));
  demo.sandbox.subscribe((happening) => {
    const entry = serviceWords(happening);
    if (entry !== null) recorder.note(entry);
  });
  const end = async () => {
    mute();
    scenarios.dispose();
    recorder.dispose();
    await demo.dispose();
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
