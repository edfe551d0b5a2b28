import type { Auth } from '../index.js';
import { checkControls } from './control-checks.js';
import type { Control, Told } from './messages.js';

/** A control together with its action. */
export interface Performance extends Control {
  /** The title of the log entry when it is used. Default: the label. */
  readonly title?: () => string;
  /** Performs the action. The page shows an error that it throws. */
  run(): Promise<void> | void;
}

/** There is no control of this name, or no client to perform it. */
export class NoSuchControl extends TypeError {}

/** The events without a payload, which a user can send by hand. */
const EVENTS = {
  'token.needed': 'a caller needs a token',
  'token.asked': 'the server asks for a new token',
  'network.back': 'the network is back',
  forget: 'drops the token and every request in progress',
} as const;

/** All controls of a page. */
export class Performances {
  readonly controls: readonly Control[];
  readonly #auth: Auth;
  readonly #all: readonly Performance[];

  /** Adds controls of the program. @throws {ErrorInfo} 40003 names the control that is invalid */
  constructor(auth: Auth, own: readonly Performance[]) {
    const common = [authorize(auth), ...Object.keys(EVENTS).map((type) => sending(auth, type))];
    const taken = common.map(({ name }) => name);
    checkControls(own, taken);
    this.#auth = auth;
    this.#all = [...common, ...own];
    this.controls = this.#all.map(({ name, label, hint, group }) => ({ name, label, hint, group }));
  }

  /** The events that the auth machine would react to now. */
  get may(): string[] {
    // Before its first use the machine does not run, so only token.needed has an effect.
    if (isNew(this.#auth)) return ['token.needed'];
    const snapshot = this.#auth.actor.getSnapshot();
    return Object.keys(EVENTS).filter((type) => snapshot.can({ type } as Parameters<typeof snapshot.can>[0]));
  }

  /** The log entry for the use of a control. @param isOn whether it is switched on: a fault is switched off then */
  logEntry(name: string, isOn: boolean): Told | undefined {
    const found = this.#all.find((one) => one.name === name);
    if (found === undefined) return undefined;
    const isOff = found.group === 'fault' && isOn;
    const title = String(found.title?.() ?? (isOff ? `${found.label}: off` : found.label));
    return { about: 'hand', tone: 'calm', title, detail: isOff ? `no longer: ${found.hint}` : found.hint };
  }

  /** Performs a control. @throws {NoSuchControl} and the errors of the control */
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
    // The result is reported as an event.
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
