import { Recorder } from '../studio/recorder.js';
import { Subject } from '../studio/subject.js';
import type { Demo } from './demo-client.js';
import { Faults } from './faults.js';
import { Scenarios } from './scenarios.js';
import { serviceWords } from './service-words.js';

/** A demo with a recorder, which has its faults and scenarios as controls. */
export interface ObservedDemo {
  readonly recorder: Recorder;
  /** The faults, the speed and the scenario that are switched on. */
  readonly on: readonly string[];
  /** Ends the recording and the demo. */
  end(): Promise<void>;
}

/** Records what the client of a demo and its service do. */
export function observed(demo: Demo, title = 'a client of the embedded service'): ObservedDemo {
  const faults = new Faults(demo);
  const scenarios = new Scenarios(demo, faults, (entry) =>
    entry === null ? recorder.refresh() : recorder.note(entry),
  );
  const on = () => [...faults.on, ...scenarios.on];
  const recorder = new Recorder(new Subject(demo.auth), {
    title,
    controls: [...faults.controls, ...scenarios.controls],
    standing: () => ({ on: on(), rate: demo.clock.rate }),
  });
  demo.sandbox.subscribe((happening) => {
    const entry = serviceWords(happening);
    if (entry !== null) recorder.note(entry);
  });
  return {
    recorder,
    get on() {
      return on();
    },
    async end() {
      scenarios.dispose();
      recorder.dispose();
      await demo.dispose();
    },
  };
}
