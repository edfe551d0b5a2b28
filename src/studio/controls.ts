import type { Auth } from '../index.js';
import { checkControls } from './control-checks.js';
import type { Control, Told } from './messages.js';

/** A control, and what it does. */
export interface Performance extends Control {
  /** What the record says when it is used. Default: its label and hint. */
  readonly title?: () => string;
  /** Does it. What it throws, the page says it could not be done. */
  run(): Promise<void> | void;
}

/** There is no such control, or nobody whose it is. */
export class NoSuchControl extends TypeError {}

/** Events that carry nothing with them, and so can be sent by hand. */
const EVENTS = {
  'token.needed': 'somebody cannot go on without a token',
  'token.asked': 'the server asks for a new token',
  'network.back': 'the network is back',
  forget: 'the token is dropped, and everything that runs',
} as const;

/** All that can be done from a page. */
export class Performances {
  readonly controls: readonly Control[];
  readonly #auth: Auth;
  readonly #all: readonly Performance[];

  /** @throws {ErrorInfo} 40003 with the rule that one of the controls given breaks */
  constructor(auth: Auth, own: readonly Performance[]) {
    const common = [authorize(auth), ...Object.keys(EVENTS).map((type) => sending(auth, type))];
    const taken = common.map(({ name }) => name);
    checkControls(own, taken);
    this.#auth = auth;
    this.#all = [...common, ...own];
    this.controls = this.#all.map(({ name, label, hint, group }) => ({ name, label, hint, group }));
  }

  /** The events that would do something now. */
  get may(): string[] {
    // Before its first use there is nobody yet who would hear the others.
    if (isNew(this.#auth)) return ['token.needed'];
    const snapshot = this.#auth.actor.getSnapshot();
    return Object.keys(EVENTS).filter((type) => snapshot.can({ type } as Parameters<typeof snapshot.can>[0]));
  }

  /** What is told of its use. */
  told(name: string): Told | undefined {
    const found = this.#all.find((one) => one.name === name);
    if (found === undefined) return undefined;
    const title = String(found.title?.() ?? found.label);
    return { about: 'hand', tone: 'calm', title, detail: found.hint };
  }

  /** @throws {NoSuchControl} and what the control throws */
  async perform(name: string): Promise<void> {
    const found = this.#all.find((one) => one.name === name);
    if (found === undefined) {
      const known = this.#all.map((one) => one.name).join(', ');
      throw new NoSuchControl(`There is no control ${JSON.stringify(name)}. Known: ${known}`);
    }
    await found.run();
  }
}

function authorize(auth: Auth): Performance {
  return {
    name: 'authorize',
    label: 'Authorize',
    hint: 'authorize() is called',
    group: 'client',
    // Its outcome is an event like any other.
    run: () => void auth.authorize().catch(() => {}),
  };
}

function sending(auth: Auth, type: string): Performance {
  return {
    name: `send-${type}`,
    label: type,
    hint: EVENTS[type as keyof typeof EVENTS],
    group: 'event',
    title: () => `Event ${type}`,
    run: () => {
      if (isNew(auth)) void auth.getToken().catch(() => {});
      else auth.actor.send({ type } as Parameters<typeof auth.actor.send>[0]);
    },
  };
}

function isNew(auth: Auth): boolean {
  const { value, rule } = auth.explain();
  return value === 'idle' && rule === 'new';
}
