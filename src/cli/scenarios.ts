import type { Performance } from '../studio/controls.js';
import type { Told } from '../studio/messages.js';
import type { Demo } from './demo-client.js';
import type { Faults } from './faults.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** What a scenario can use. */
interface Stage {
  readonly demo: Demo;
  readonly faults: Faults;
  /** Waits for ms by the demo's clock. */
  wait(ms: number): Promise<void>;
  /** Waits until the client has a token and a connection, for at most two minutes. */
  recover(): Promise<void>;
  tell(title: string, detail: string): void;
}

interface Story {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  play(stage: Stage): Promise<void>;
  /** Restores the previous state, also after the scenario was stopped. */
  end?(stage: Stage): void;
}

const stories: readonly Story[] = [
  {
    name: 'scenario-asleep',
    label: 'Laptop asleep for 2 h',
    hint: 'the token expires during sleep; on waking the client notices the time jump, gets a new token and reconnects',
    async play({ demo, recover, tell, wait }) {
      await wait(3 * SECOND_MS);
      tell('The lid is closed', 'for two hours');
      // The service gets no answers while the device sleeps.
      demo.sandbox.cutConnections();
      demo.device.sleep(2 * HOUR_MS);
      tell('The lid is opened', 'two hours have passed, and the client did not count them');
      await wait(SECOND_MS);
      await recover();
    },
  },
  {
    name: 'scenario-outage',
    label: 'Auth server down 5 min',
    hint: 'the renewal fails, the client uses the old token until it expires and tries less and less often; then it recovers',
    async play({ demo, recover, tell, wait }) {
      demo.tokenEndpoint.isUp = false;
      tell('The auth server is down', 'it answers 503');
      await wait(5 * MINUTE_MS);
      demo.tokenEndpoint.isUp = true;
      tell('The auth server is up again', 'after five minutes');
      await recover();
    },
    end: ({ demo }) => {
      demo.tokenEndpoint.isUp = true;
    },
  },
  {
    name: 'scenario-key',
    label: 'Key revoked',
    hint: 'the service refuses the token and TokenRequests until there is a new key; the client tries less and less often',
    async play({ demo, faults, recover, tell, wait }) {
      faults.set('key', { requestToken: { status: 401, code: 40131, message: 'key revoked' } });
      demo.sandbox.revokeTokens();
      tell(
        'The key is revoked',
        'its tokens are revoked too, and the service exchanges no TokenRequest that it signed',
      );
      await wait(MINUTE_MS);
      faults.set('key', null);
      tell('There is a new key', 'the endpoint signs with it');
      await recover();
    },
    end: ({ faults }) => faults.set('key', null),
  },
  {
    name: 'scenario-user',
    label: 'User switched',
    hint: 'a token for another client is authorized; the connection is replaced, not upgraded',
    async play({ demo, recover, tell, wait }) {
      const clientId = demo.auth.clientId === 'ada' ? 'grace' : 'ada';
      await wait(SECOND_MS);
      tell('The user is switched', `to ${clientId}`);
      await demo.auth.authorize({ ttl: demo.ttlMs, clientId }).catch(() => {});
      await wait(SECOND_MS);
      await recover();
    },
  },
];

/** Plays one scenario at a time, at the selected speed. */
export class Scenarios {
  readonly controls: readonly Performance[];
  readonly #stage: Omit<Stage, 'wait' | 'recover'>;
  #speed = 1;
  #playing: { readonly story: Story; readonly over: AbortController } | null = null;

  /** @param record called with each log entry, and with null after each change */
  constructor(demo: Demo, faults: Faults, record: (words: Told | null) => void) {
    const tell = (title: string, detail: string) => record({ about: 'hand', tone: 'calm', title, detail });
    this.#stage = { demo, faults, tell };
    this.controls = [
      ...stories.map((story) => this.#control(story, record)),
      ...[1, 60].map((speed) => this.#speedControl(speed)),
    ];
  }

  /** The scenario that plays, and the selected speed. */
  get on(): string[] {
    return [`speed-${this.#speed}`, ...(this.#playing === null ? [] : [this.#playing.story.name])];
  }

  dispose(): void {
    this.#stop();
  }

  #control(story: Story, record: (words: null) => void): Performance {
    const { name, label, hint } = story;
    return {
      name,
      label,
      hint,
      group: 'scenario',
      title: () => (this.#playing?.story === story ? `${label}: stopped` : label),
      run: () => {
        const wasPlaying = this.#playing?.story === story;
        this.#stop();
        if (!wasPlaying) void this.#play(story).finally(() => record(null));
      },
    };
  }

  #speedControl(speed: number): Performance {
    return {
      name: `speed-${speed}`,
      label: `${speed}×`,
      hint:
        speed === 1 ? 'scenarios play in real time' : `scenarios play ${speed} times faster than real time`,
      group: 'speed',
      run: () => {
        this.#speed = speed;
        if (this.#playing !== null) this.#stage.demo.clock.rate = speed;
      },
    };
  }

  async #play(story: Story): Promise<void> {
    const { demo } = this.#stage;
    const over = new AbortController();
    this.#playing = { story, over };
    demo.clock.rate = this.#speed;
    const stage: Stage = {
      ...this.#stage,
      wait: (ms) => wait(demo, ms, over.signal),
      recover: () => recover(demo, over.signal),
    };
    try {
      // A scenario begins with an authorized and connected client.
      if (!isWell(demo)) await demo.auth.authorize().catch(() => {});
      await story.play(stage);
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      story.end?.(stage);
      if (this.#playing?.over === over) {
        this.#playing = null;
        demo.clock.rate = 1;
      }
    }
  }

  #stop(): void {
    this.#playing?.over.abort();
    this.#playing = null;
    this.#stage.demo.clock.rate = 1;
  }
}

function isWell({ auth, connection }: Demo): boolean {
  return auth.state.value === 'authorized' && connection.state === 'connected';
}

async function recover(demo: Demo, signal: AbortSignal): Promise<void> {
  const until = demo.clock.monotonic() + 2 * MINUTE_MS;
  while (!isWell(demo) && demo.clock.monotonic() < until) await wait(demo, 500, signal);
}

function wait({ clock }: Demo, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
