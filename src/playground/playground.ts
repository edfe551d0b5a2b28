import { usual } from '../cli/demo-client.js';
import { type ObservedDemo, observed } from '../cli/observed-demo.js';
import type { Recorder } from '../studio/recorder.js';
import { addresses, scenarioAt } from './addresses.js';
import { playgroundDemo } from './demo.js';

/** How fast a scenario of the address plays. */
const SPEED = 'speed-60';

/** The demo of `npm start` in a page, and the scenarios by the address of the page. */
export class Playground {
  readonly #demo: ObservedDemo = observed(playgroundDemo(usual), 'client and servers in this page');

  /** For the studio. */
  get recorder(): Recorder {
    return this.#demo.recorder;
  }

  /** Plays the scenario that the address names. Without one, the client is authorized. */
  async goTo(hash: string): Promise<void> {
    const { recorder } = this.#demo;
    const scenario = scenarioAt(hash);
    if (scenario === undefined) this.#sayWhichThereAre();
    if (scenario === undefined || scenario === null) return await recorder.perform('authorize');
    if (this.#demo.on.includes(scenario)) return;
    await recorder.perform(SPEED);
    await recorder.perform(scenario);
  }

  /** The address is from outside: it is not repeated. */
  #sayWhichThereAre(): void {
    const known = Object.keys(addresses).map((name) => `#${name}`);
    this.#demo.recorder.note({
      about: 'hand',
      tone: 'bad',
      title: 'No such scenario',
      detail: `the address of this page must end with one of ${known.join(', ')}, or with no #`,
    });
  }
}
