import type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from '../connection/port.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { settle } from './virtual-clock.js';

/** What a server can be told to do, besides judging tokens; `forget` is a method of the adapter. */
export type ContractAbility = 'timeout' | 'drop' | 'ask' | 'expire' | 'late' | 'forget';

/** The server's end, for a check to play. Errors are Ably's: a code and a status code. */
export interface ContractServer {
  /** `keyName` of each token that reached it, the oldest first. */
  readonly tokens: readonly string[];
  /** From now on tokens are accepted, as at the beginning. */
  accept(): void;
  /** From now on tokens are refused with `error`. */
  refuse(error: ErrorInfo): void;
  /** From now on tokens are not answered. */
  hold(): void;
  /** Answers the oldest token that was not answered. */
  answer(verdict: 'accept' | ErrorInfo): void;
  /** Ability `drop`: the transport breaks without a word. */
  drop?(): void;
  /** Ability `ask`: asks for a new token while the connection is up. */
  ask?(): void;
  /** Ability `expire`: the token in use is not good any more, and the server says so. */
  expire?(): void;
}

/** An adapter under test, and both ends of it. */
export interface ContractHarness {
  readonly adapter: ConnectionAdapter;
  readonly server: ContractServer;
  /** Tells the adapter to connect, as an application does; it has no token yet. */
  connect(): void;
  /** Tells it to close. */
  close(): void;
  /** Lets time pass, ms: real or virtual, whichever the adapter lives by. */
  readonly clock: { advance(ms: number): Promise<void> };
  /** Ability `timeout`: how long the adapter waits for an answer, ms. */
  readonly answerTimeoutMs?: number;
  /** Frees what the harness holds. */
  dispose(): void | Promise<void>;
}

/** How a push stands. */
interface Verdict {
  outcome: 'waits' | 'accepted' | 'rejected';
  error: unknown;
  readonly abort: AbortController;
}

type TokenEvent = Exclude<ConnectionUpgradeEvent['type'], 'connection.fail'>;

/** An adapter with an Auth that is played by a check. */
export class Played {
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

  /** The states that were reported. */
  get states(): ConnectionState[] {
    return this.reports.flatMap((report) => (report.type === 'connection.changed' ? [report.state] : []));
  }

  async pass(ms = 0): Promise<void> {
    await this.harness.clock.advance(ms);
    await settle();
  }

  async push(type: TokenEvent, name: string): Promise<Verdict> {
    const verdict: Verdict = { outcome: 'waits', error: undefined, abort: new AbortController() };
    const token = Object.freeze({ token: `token of ${name}`, keyName: name, clientId: 'ada' });
    this.harness.adapter.push(Object.freeze({ type, token }), verdict.abort.signal).then(
      () => {
        verdict.outcome = 'accepted';
      },
      (error: unknown) => {
        verdict.outcome = 'rejected';
        verdict.error = error;
      },
    );
    await this.pass();
    return verdict;
  }

  /** @param final whether there will be no token at all */
  async fail(error: ErrorInfo, final = true): Promise<void> {
    const event = { type: 'connection.fail', error, ...(final ? {} : { final: false as const }) } as const;
    await this.harness.adapter.push(event, new AbortController().signal);
    await this.pass();
  }

  /** Connected, with a token that the server accepted; nothing of it is in the reports. */
  async connected(name = 'first'): Promise<void> {
    const { outcome } = await this.push('connection.open', name);
    same(outcome, 'accepted', 'the verdict on the token it is opened with');
    same(this.state, 'connected', 'its state');
    this.reports.length = 0;
  }

  /** The user signs out: ability `forget`. */
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

/** Something that must hold of every adapter, and how to see it. */
export interface Fact {
  readonly title: string;
  readonly needs?: readonly ContractAbility[];
  holds(played: Played): Promise<void>;
}

/** @throws {Error} saying how they differ */
export function same(got: unknown, wanted: unknown, what: string): void {
  const [found, expected] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}`);
}
