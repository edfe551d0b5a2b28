import type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from '../connection/port.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { settle } from './virtual-clock.js';

/** What a harness can do, besides judging tokens. `forget` is a method of the adapter. */
export type ContractAbility =
  | 'timeout'
  | 'drop'
  | 'ask'
  | 'expire'
  | 'late'
  | 'forget'
  | 'away'
  | 'silence'
  | 'subscribe';

export const ABILITIES: readonly ContractAbility[] = [
  'timeout',
  'drop',
  'ask',
  'expire',
  'late',
  'forget',
  'away',
  'silence',
  'subscribe',
];

/** The server's end, which a check controls. Errors are Ably's: a code and a status code. */
export interface ContractServer {
  /** The `keyName` of each token that arrived, the oldest first. */
  readonly tokens: readonly string[];
  /** Accepts tokens from now on. This is the default. */
  accept(): void;
  /** Refuses tokens with `error` from now on. */
  refuse(error: ErrorInfo): void;
  /** Gives no answer to tokens from now on. */
  hold(): void;
  /** Answers the oldest token without an answer. */
  answer(verdict: 'accept' | ErrorInfo): void;
  /** Ability `drop`: breaks the transport. */
  drop?(): void;
  /** Ability `ask`: asks for a new token while the connection is up. */
  ask?(): void;
  /** Ability `expire`: refuses the current token as expired. */
  expire?(): void;
  /** Ability `away`: breaks the transport, and lets none be opened until {@link comeBack}. */
  leave?(): void;
  /** Ability `away`: lets transports be opened again. */
  comeBack?(): void;
  /** Ability `subscribe`: sends one message to all subscriptions. */
  publish?(): void;
}

/** A subscription of the application on its connection. */
export interface ContractSubscription {
  /** The number of messages that arrived. */
  readonly received: number;
}

/** A connection adapter under test, with the client's side and the server's side of its connection. */
export interface ContractHarness {
  readonly adapter: ConnectionAdapter;
  readonly server: ContractServer;
  /** Makes the adapter connect, as an application does. It has no token yet. */
  connect(): void;
  /** Makes the adapter close. */
  close(): void;
  /** Advances the clock that the adapter uses, real or virtual, by ms. */
  readonly clock: { advance(ms: number): Promise<void> };
  /** Ability `timeout`: how long the adapter waits for the answer to an upgrade, ms. */
  readonly answerTimeoutMs?: number;
  /** Ability `silence`: after how many ms the adapter gives up a transport whose server does not answer the first token. */
  readonly firstAnswerTimeoutMs?: number;
  /** How the adapter presents a new token: `in place`, or by a `new transport`. Default: `in place`. */
  readonly renewal?: 'in place' | 'new transport';
  /**
   * Whether a refusal says which token it is about. false: it may be about an older one, so the adapter may present the token
   * once more. Default: true.
   */
  readonly isRefusalClear?: boolean;
  /** Ability `subscribe`: subscribes to what the server publishes, on a connected connection. */
  subscribe?(): ContractSubscription;
  /** Frees the resources of the harness. */
  dispose(): void | Promise<void>;
}

/** Whether the harness has what a newer ability needs. The checks of such an ability do not apply to a harness without it. */
export function hasAbility(
  { server, subscribe, firstAnswerTimeoutMs }: ContractHarness,
  one: ContractAbility,
): boolean {
  if (one === 'away') return server.leave !== undefined && server.comeBack !== undefined;
  if (one === 'subscribe') return subscribe !== undefined && server.publish !== undefined;
  return one !== 'silence' || firstAnswerTimeoutMs !== undefined;
}

/** The result of a push so far. */
interface PushResult {
  outcome: 'waits' | 'accepted' | 'rejected';
  error: unknown;
  readonly abort: AbortController;
}

type TokenEvent = Exclude<ConnectionUpgradeEvent['type'], 'connection.fail'>;

/** An adapter together with a check that plays its Auth. */
export class AdapterTester {
  readonly reports: ConnectionReport[] = [];
  readonly harness: ContractHarness;
  readonly server: ContractServer;
  readonly detach: () => void;

  constructor(harness: ContractHarness) {
    this.harness = harness;
    this.server = harness.server;
    this.detach = harness.adapter.attach((report) => this.reports.push(report));
  }

  get state(): ConnectionState {
    return this.harness.adapter.state;
  }

  get isInPlace(): boolean {
    return this.harness.renewal !== 'new transport';
  }

  /** The states that an upgrade leads through. */
  get statesOfAnUpgrade(): readonly ConnectionState[] {
    return this.isInPlace ? [] : ['connecting', 'connected'];
  }

  /** The reported states. */
  get states(): ConnectionState[] {
    return this.reports.flatMap((report) => (report.type === 'connection.changed' ? [report.state] : []));
  }

  async pass(ms = 0): Promise<void> {
    await this.harness.clock.advance(ms);
    await settle();
  }

  /** Advances the clock in steps until `holds`, for a minute at most. Real sockets have time in between. */
  async until(holds: () => boolean): Promise<void> {
    for (let step = 0; step < 60 && !holds(); step += 1) await this.pass(1_000);
  }

  /** How often a token arrived at the server. */
  presented(name: string): number {
    return this.server.tokens.filter((token) => token === name).length;
  }

  async push(type: TokenEvent, name: string): Promise<PushResult> {
    const result: PushResult = { outcome: 'waits', error: undefined, abort: new AbortController() };
    const token = Object.freeze({ token: `token of ${name}`, keyName: name, clientId: 'ada' });
    this.harness.adapter.push(Object.freeze({ type, token }), result.abort.signal).then(
      () => {
        result.outcome = 'accepted';
      },
      (error: unknown) => {
        result.outcome = 'rejected';
        result.error = error;
      },
    );
    await this.pass();
    return result;
  }

  /** Tells the adapter that there is no token. @param final whether there will be none later either */
  async fail(error: ErrorInfo, final = true): Promise<void> {
    const event = { type: 'connection.fail', error, ...(final ? {} : { final: false as const }) } as const;
    await this.harness.adapter.push(event, new AbortController().signal);
    await this.pass();
  }

  /** Connects with a token that the server accepts, and clears the reports. */
  async connected(name = 'first'): Promise<void> {
    const { outcome } = await this.push('connection.open', name);
    expectSame(outcome, 'accepted', 'the result of the first token');
    expectSame(this.state, 'connected', 'its state');
    this.reports.length = 0;
  }

  /** Signs the user out: ability `forget`. */
  async forget(): Promise<void> {
    const { adapter } = this.harness;
    if (adapter.forget === undefined) throw new Error('the adapter has no forget()');
    adapter.forget();
    await this.pass();
  }

  count(type: ConnectionReport['type']): number {
    return this.reports.filter((report) => report.type === type).length;
  }
}

/** A rule that every adapter must follow, and its check. */
export interface PortRule {
  readonly title: string;
  readonly needs?: readonly ContractAbility[];
  check(tester: AdapterTester): Promise<void>;
}

/** Compares two values as JSON. @throws {Error} names the difference */
export function expectSame(got: unknown, wanted: unknown, what: string): void {
  const [found, expected] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (found !== expected) throw new Error(`${what} must be ${expected}; got ${found}`);
}

/** Whether a developer can search for the error: it has a code and a message. */
export function isNamed(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'number' && typeof message === 'string' && message !== '';
}
