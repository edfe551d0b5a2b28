import type { FaultPlan } from '../sandbox/index.js';
import type { Performance } from '../studio/controls.js';
import type { Demo } from './demo-client.js';

const HOUR_MS = 3_600_000;

/** The faults that can be switched on, as plans of the sandbox. */
const switches = [
  ['slow', 'Slow service', 'the service answers 3 s later', { delayMs: 3_000 }],
  ['mute', 'AUTH unanswered', 'the service does not answer an AUTH', { auth: 'silence' }],
  ['closed-door', 'Connecting refused', 'new connections break at once', { connect: 'refuse' }],
] as const satisfies readonly (readonly [string, string, string, FaultPlan])[];

/** The faults that a user can cause: actions and switches. */
export class Faults {
  readonly controls: readonly Performance[];
  readonly #demo: Demo;
  readonly #plans = new Map<string, FaultPlan>();

  constructor(demo: Demo) {
    this.#demo = demo;
    const { sandbox, clock, tokenEndpoint } = demo;
    this.controls = [
      push('expire', 'Expire now', 'the service lets every token expire', () => sandbox.expireTokens()),
      push('revoke', 'Revoke', 'the service revokes every token', () => sandbox.revokeTokens()),
      push('cut', 'Cut the connection', 'the transport breaks', () => sandbox.cutConnections()),
      push('ask', 'Ask for a token', 'the service asks every connection for a new token', () =>
        sandbox.askForReauth(),
      ),
      push('clock', 'Clock +1 h', 'an hour passes at once, for client and service', () =>
        clock.shift(HOUR_MS),
      ),
      {
        ...push('source', 'Source down', 'the token endpoint answers 503', () => {
          tokenEndpoint.isUp = !tokenEndpoint.isUp;
        }),
        title: () => (tokenEndpoint.isUp ? 'Source down' : 'Source up'),
      },
      ...switches.map(([name, label, hint, plan]) => this.#switch(name, label, hint, plan)),
    ];
  }

  /** The faults that are switched on. */
  get on(): string[] {
    return [...(this.#demo.tokenEndpoint.isUp ? [] : ['source']), ...this.#plans.keys()];
  }

  /** Sets a fault. @param plan null: ends the fault */
  set(name: string, plan: FaultPlan | null): void {
    if (plan === null) this.#plans.delete(name);
    else this.#plans.set(name, plan);
    this.#demo.sandbox.setFault(Object.assign({}, ...this.#plans.values()) as FaultPlan);
  }

  #switch(name: string, label: string, hint: string, plan: FaultPlan): Performance {
    return {
      ...push(name, label, hint, () => this.set(name, this.#plans.has(name) ? null : plan)),
      title: () => (this.#plans.has(name) ? `${label}: ended` : label),
    };
  }
}

function push(name: string, label: string, hint: string, run: () => void): Performance {
  return { name, label, hint, group: 'fault', run };
}
