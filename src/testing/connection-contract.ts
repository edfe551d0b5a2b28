import type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from '../connection/port.js';
import { ErrorInfo } from '../errors.js';
import { settle } from './virtual-clock.js';

/** What a server can be told to do, besides judging tokens. */
export type ContractAbility = 'timeout' | 'drop' | 'ask' | 'expire' | 'late';

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
  dispose(): void | Promise<void>;
}

/** One fact that must hold of every adapter. */
export interface ContractCheck {
  readonly title: string;
  /** What the harness must be able to do for it. */
  readonly needs: readonly ContractAbility[];
  /** @throws {Error} saying what does not hold */
  run(): Promise<void>;
}

/**
 * The checks of the connection port, for any adapter and any test runner.
 *
 * @param makeHarness a new adapter with a new server, for each check
 * @example
 * ```ts
 * import { connectionContract, fakeConnection } from 'latchkey/testing';
 *
 * const checks = connectionContract(() => {
 *   const adapter = fakeConnection();
 *   return {
 *     adapter,
 *     server: {
 *       tokens: [],
 *       accept: () => {},
 *       refuse: () => {},
 *       hold: () => {},
 *       answer: () => adapter.accept(),
 *     },
 *     connect: () => adapter.connect(),
 *     close: () => adapter.setState('closed'),
 *     clock: { advance: async () => {} },
 *     dispose: () => {},
 *   };
 * });
 * for (const { title, needs } of checks) console.log(title, needs); // it(title, run)
 * ```
 */
export function connectionContract(
  makeHarness: () => ContractHarness | Promise<ContractHarness>,
): readonly ContractCheck[] {
  return facts.map(({ title, needs = [], holds }) => ({
    title,
    needs,
    async run() {
      const harness = await makeHarness();
      try {
        await holds(new Played(harness));
      } finally {
        await harness.dispose();
      }
    },
  }));
}

interface Fact {
  readonly title: string;
  readonly needs?: readonly ContractAbility[];
  holds(played: Played): Promise<void>;
}

interface Verdict {
  outcome: 'waits' | 'accepted' | 'rejected';
  error: unknown;
  readonly abort: AbortController;
}

type TokenEvent = Exclude<ConnectionUpgradeEvent['type'], 'connection.fail'>;

/** An adapter with an Auth that is played by a check. */
class Played {
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

  async fail(error: ErrorInfo): Promise<void> {
    await this.harness.adapter.push({ type: 'connection.fail', error }, new AbortController().signal);
    await this.pass();
  }

  /** Connected, with a token that the server accepted; nothing of it is in the reports. */
  async connected(name = 'first'): Promise<void> {
    const { outcome } = await this.push('connection.open', name);
    same(outcome, 'accepted', 'the verdict on the token it is opened with');
    same(this.state, 'connected', 'its state');
    this.reports.length = 0;
  }

  count(type: ConnectionReport['type']): number {
    return this.reports.filter((report) => report.type === type).length;
  }
}

const expired = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'token expired' });
const forbidden = () => new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' });

const facts: readonly Fact[] = [
  {
    title: 'asks for a token when it is to connect and has none',
    async holds(one) {
      same(one.state, 'initialized', 'its state at the beginning');
      one.harness.connect();
      await one.pass();
      same(one.count('token.needed'), 1, 'how often token.needed is reported');
      same(one.state, 'connecting', 'its state while it waits for the token');
    },
  },
  {
    title: 'connects with the token that it is opened with, and says so',
    async holds(one) {
      const { outcome } = await one.push('connection.open', 'first');
      same(outcome, 'accepted', 'the verdict');
      same(one.state, 'connected', 'its state');
      same(one.server.tokens, ['first'], 'the tokens at the server');
      same(one.states, ['connecting', 'connected'], 'the states it reports');
    },
  },
  {
    title: 'does not say accepted before the server does',
    async holds(one) {
      one.server.hold();
      const opened = await one.push('connection.open', 'first');
      same(opened.outcome, 'waits', 'the verdict while the server is silent');
      same(one.state, 'connecting', 'its state while the server is silent');
      one.server.answer('accept');
      await one.pass();
      same(opened.outcome, 'accepted', 'the verdict after the answer');
      const upgraded = await one.push('connection.upgrade', 'second');
      same(upgraded.outcome, 'waits', 'the verdict on the upgrade while the server is silent');
      one.server.answer('accept');
      await one.pass();
      same(upgraded.outcome, 'accepted', 'the verdict on the upgrade after the answer');
    },
  },
  {
    title: 'says who the client is',
    async holds(one) {
      await one.push('connection.open', 'first');
      const told = one.reports.filter((report) => report.type === 'identity.confirmed');
      same(told.at(-1), { type: 'identity.confirmed', clientId: 'ada' }, 'what it reports of the identity');
    },
  },
  {
    title: 'is upgraded in place: it never leaves connected',
    async holds(one) {
      await one.connected();
      const { outcome } = await one.push('connection.upgrade', 'second');
      same(outcome, 'accepted', 'the verdict');
      same(one.server.tokens, ['first', 'second'], 'the tokens at the server');
      same(one.states, [], 'the states it reports');
    },
  },
  {
    title: 'is replaced: a connection anew, with the other token',
    async holds(one) {
      await one.connected();
      const { outcome } = await one.push('connection.replace', 'second');
      same(outcome, 'accepted', 'the verdict');
      same(one.states, ['connecting', 'connected'], 'the states it reports');
      same(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'rejects with the error of a server that refuses the token it is opened with',
    async holds(one) {
      one.server.refuse(forbidden());
      const { outcome, error } = await one.push('connection.open', 'first');
      same(outcome, 'rejected', 'the verdict');
      same(codeOf(error), 40102, 'the code of the error');
      same(one.state, 'failed', 'its state');
    },
  },
  {
    title: 'reports a token that the server will not connect with, and connects with the next at once',
    async holds(one) {
      one.server.refuse(expired());
      const { outcome, error } = await one.push('connection.open', 'first');
      same(outcome, 'rejected', 'the verdict');
      same(codeOf(error), 40142, 'the code of the error');
      same(one.count('token.refused'), 1, 'how often token.refused is reported');
      one.server.accept();
      const next = await one.push('connection.open', 'second');
      same(next.outcome, 'accepted', 'the verdict on the next token');
    },
  },
  {
    title: 'rejects with the error of a server that refuses an upgrade for good, and fails',
    async holds(one) {
      await one.connected();
      one.server.refuse(forbidden());
      const { outcome, error } = await one.push('connection.upgrade', 'second');
      same(outcome, 'rejected', 'the verdict');
      same(codeOf(error), 40102, 'the code of the error');
      same(one.state, 'failed', 'its state');
    },
  },
  {
    title: 'lets a later token take the place of an earlier one',
    async holds(one) {
      one.server.hold();
      const first = await one.push('connection.open', 'first');
      one.server.accept();
      const second = await one.push('connection.open', 'second');
      same(first.outcome, 'rejected', 'the verdict on the earlier token');
      same(second.outcome, 'accepted', 'the verdict on the later token');
      same(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'stops to wait when the signal aborts, with the reason of the signal',
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      const reason = new Error('nobody waits any more');
      verdict.abort.abort(reason);
      await one.pass();
      same(verdict.outcome, 'rejected', 'the verdict');
      same(verdict.error === reason, true, 'that it rejects with the reason of the signal');
      same(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'does not push what was aborted before',
    async holds(one) {
      await one.connected();
      const event = { type: 'connection.upgrade', token: { token: 'late', keyName: 'late' } } as const;
      const verdict = await one.harness.adapter.push(event, AbortSignal.abort()).then(
        () => 'accepted',
        () => 'rejected',
      );
      await one.pass();
      same(verdict, 'rejected', 'the verdict');
      same(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'rejects a token that waits when it is closed',
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      one.harness.close();
      await one.pass();
      same(verdict.outcome, 'rejected', 'the verdict');
    },
  },
  {
    title: 'fails when there will be no token, and rejects the one that waits',
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      same(one.state, 'failed', 'its state');
      same(one.states, ['failed'], 'the states it reports');
      same(verdict.outcome, 'rejected', 'the verdict');
    },
  },
  {
    title: 'connects again after it failed, when it is given a token',
    async holds(one) {
      await one.connected();
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'reports nothing once it is detached',
    async holds(one) {
      await one.connected();
      one.detach();
      await one.push('connection.upgrade', 'second');
      one.harness.close();
      await one.pass();
      same(one.reports, [], 'what it reports');
    },
  },
  {
    title: 'passes on that the server asks for a token, and stays connected',
    needs: ['ask'],
    async holds(one) {
      await one.connected();
      one.server.ask?.();
      await one.pass();
      same(one.count('token.asked'), 1, 'how often token.asked is reported');
      same([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'reports that its token died, and connects with the next at once',
    needs: ['expire'],
    async holds(one) {
      await one.connected();
      one.server.expire?.();
      await one.pass();
      same(one.count('token.refused'), 1, 'how often token.refused is reported');
      same(one.count('token.needed'), 0, 'how often token.needed is reported beside it');
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'comes back by itself after its transport broke, with the same token',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.drop?.();
      await one.pass();
      same(one.server.tokens, ['first', 'first'], 'the tokens at the server');
      same(one.states.at(-1), 'connected', 'the last state it reports');
      same(one.count('token.needed') + one.count('token.refused'), 0, 'the tokens it asks for');
    },
  },
  {
    title: 'comes back with the new token when its transport breaks before the answer, and the wait goes on',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      one.server.accept();
      one.server.drop?.();
      await one.pass();
      same(verdict.outcome, 'accepted', 'the verdict');
      same(one.server.tokens, ['first', 'second', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'comes back with the token accepted last after a wait was given up',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      verdict.abort.abort();
      one.server.accept();
      one.server.drop?.();
      await one.pass();
      same(one.server.tokens.at(-1), 'first', 'the last token at the server');
      same(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'gives up waiting for an answer that does not come, and goes on as it was',
    needs: ['timeout'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      await one.pass((one.harness.answerTimeoutMs ?? 0) - 1);
      same(verdict.outcome, 'waits', 'the verdict before that time');
      await one.pass(1);
      same(verdict.outcome, 'rejected', 'the verdict after that time');
      same([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'does not take a late answer for the answer to a later token',
    needs: ['late'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const first = await one.push('connection.upgrade', 'second');
      first.abort.abort();
      const second = await one.push('connection.upgrade', 'third');
      one.server.answer('accept');
      await one.pass();
      same(second.outcome, 'waits', 'the verdict on the later token after the late answer');
      one.server.answer(forbidden());
      await one.pass();
      same(second.outcome, 'rejected', 'the verdict on the later token after its own answer');
    },
  },
];

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function same(got: unknown, wanted: unknown, what: string): void {
  const [found, expected] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}`);
}
