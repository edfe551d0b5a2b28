import { Recorder } from '../studio/recorder.js';
import { Subject } from '../studio/subject.js';
import type { Demo } from './demo-client.js';
import { Faults } from './faults.js';
import { Scenarios } from './scenarios.js';
import { serviceWords } from './service-words.js';

/** A demo with a recorder, which has its faults and scenarios as controls. */
export interface ObservedDemo {
  readonly recorder: Recorder;
  /** Ends the recording and the demo. */
  end(): Promise<void>;
}

/** Records what the client of a demo and its service do. */
export function observed(demo: Demo): ObservedDemo {
  const faults = new Faults(demo);
  const scenarios = new Scenarios(demo, faults, (entry) =>
    entry === null ? recorder.refresh() : recorder.note(entry),
  );
  const recorder = new Recorder(new Subject(demo.auth), {
    title: 'a client of the embedded service',
    controls: [...faults.controls, ...scenarios.controls],
    standing: () => ({ on: [...faults.on, ...scenarios.on], rate: demo.clock.rate }),
  });
  demo.sandbox.subscribe((happening) => {
    const entry = serviceWords(happening);
    if (entry !== null) recorder.note(entry);
  });
  return {
    recorder,
    async end() {
      scenarios.dispose();
      recorder.dispose();
      await demo.dispose();
    },
  };
}
