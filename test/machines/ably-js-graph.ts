import type { AblyAnswer } from '../../src/connection/ably-js/client.js';
import { type Effect, firstMode, type Happening, type Mode } from '../../src/connection/ably-js/modes.js';
import { unheardClose } from '../../src/connection/ably-js/sdk-rules.js';
import { reduce } from '../../src/connection/ably-js/table.js';
import type { ConnectionState } from '../../src/connection/index.js';
import { ErrorInfo } from '../../src/errors/error-info.js';

type Change = Extract<Happening, { readonly previous: ConnectionState }>;

/** The official SDK as the table sees it: its state, and the reports that are still due. */
interface Sdk {
  readonly state: ConnectionState;
  readonly errorReason: unknown;
  readonly pending: readonly Change[];
  /** Whether a call of authorize() has not had its effect yet. */
  readonly isCalled: boolean;
}

/** The adapter's mode, the SDK's state, and whether a promise is pending. */
interface Moment {
  readonly mode: Mode;
  readonly sdk: Sdk;
  readonly isInHand: boolean;
}

/** The result of a walk through all moments. */
export interface Walked {
  readonly moments: number;
  readonly steps: number;
  /** The pairs of a report and a mode that occurred. */
  readonly pairs: ReadonlySet<string>;
  /** The results of each pair: the next mode and the effects, each different one. */
  readonly outcomes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Moments that must not occur. */
  readonly broken: {
    /** A pending push without a promise, or a promise without a pending push. */
    readonly inHand: readonly string[];
    /** A token that is reported as accepted although another one, or none, was accepted. */
    readonly accepted: readonly string[];
  };
}

const tokens = [
  { token: 'a', clientId: 'ada' },
  { token: 'b', clientId: 'bob' },
];
const error = new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' });
const expired = new ErrorInfo({ code: 40142, statusCode: 401, message: 'token expired' });
const lost = new ErrorInfo({ code: 80003, message: 'the transport broke' });
const answer: AblyAnswer = () => {};
const done = Promise.resolve();
const listener = () => {};

/** What a report sees besides the state of the SDK. Every question of the SDK came at the moment 0. */
interface Sight {
  readonly now?: number;
  readonly clientId?: string | null;
  readonly isStranded?: boolean;
  readonly isReplacement?: boolean;
  readonly hasSlept?: boolean;
  readonly isWithoutToken?: boolean;
}

/** The timeout, ms. The SDK gives a question up after half of it. */
const TIMEOUT_MS = 10_000;

const stranded = ({ state }: Sdk): Sight[] => (state === 'connected' ? [{ isStranded: true }] : []);

const unasked = ({ state }: Sdk): Sight[] => (state === 'connecting' ? [{ isWithoutToken: true }] : []);

const sights = (sdk: Sdk): Sight[] => [
  {},
  ...[{ now: TIMEOUT_MS / 2 - 1 }, { now: TIMEOUT_MS / 2 }],
  ...[{ isReplacement: true }, { clientId: null }, { clientId: '*' }],
  ...stranded(sdk),
  ...unasked(sdk),
];

const shown = (sight: Sight): string =>
  Object.entries(sight)
    .map(([name, value]) => `, ${name} ${value}`)
    .join('');

/** The states that the network and the server can lead the SDK to. */
const ways: Readonly<Record<ConnectionState, readonly (readonly [ConnectionState | 'updated', unknown])[]>> =
  {
    initialized: [],
    connecting: [
      ['connected', undefined],
      ['disconnected', lost],
      ['disconnected', expired],
      ['suspended', lost],
      ['failed', error],
    ],
    connected: [
      ['updated', undefined],
      ['disconnected', lost],
      ['disconnected', expired],
      ['failed', error],
    ],
    disconnected: [
      ['connecting', undefined],
      ['suspended', lost],
    ],
    suspended: [['connecting', undefined]],
    closing: [],
    closed: [],
    failed: [],
  };

/** Visits each moment once. Two equal events stand for more of them. */
export function walk(): Walked {
  const outcomes = new Map<string, Set<string>>();
  const broken = { inHand: new Set<string>(), accepted: new Set<string>() };
  const seen = new Set<string>();
  let steps = 0;

  const report = (moment: Moment, happening: Happening, sight: Sight = {}): Moment => {
    const { state, errorReason } = moment.sdk;
    const [mode, effects] = reduce(moment.mode, {
      ...{ now: 0, clientId: 'ada', ...happening, ...sight },
      state,
      errorReason,
    });
    const pair = `${happening.type} in ${moment.mode.kind}`;
    const outcome = [`${state}${shown(sight)} → ${modeName(mode)}`, ...effects.map(nameOf)].join(', ');
    outcomes.set(pair, (outcomes.get(pair) ?? new Set()).add(outcome));
    return effects.reduce((after, effect) => act(after, effect), { ...moment, mode });
  };

  const act = (moment: Moment, effect: Effect): Moment => {
    switch (effect[0]) {
      case 'accept':
      case 'reject':
        return { ...moment, isInHand: false };
      case 'authorize':
        return report({ ...moment, sdk: { ...moment.sdk, isCalled: true } }, { type: 'sdk.asked', answer });
      case 'connect':
        return { ...moment, sdk: connected(moment.sdk) };
      case 'close':
        return report({ ...moment, sdk: closed(moment.sdk) }, { type: 'sdk.left' });
      case 'report': {
        const { accepted, current } = moment.mode;
        const isWrong = accepted === null || accepted !== current;
        if (effect[1].type === 'token.accepted' && isWrong) broken.accepted.add(keyOf(moment));
        return moment;
      }
      default:
        return moment;
    }
  };

  const caughtUp = (moment: Moment): Moment => {
    const { mode, sdk } = moment;
    const reason = unheardClose(mode, sdk.errorReason);
    if (reason === null) return moment;
    return report(moment, { type: 'sdk.closed', previous: mode.heard, reason, isAhead: true });
  };

  /** All possible next moments. */
  function* next(moment: Moment): Generator<Moment> {
    const { mode, sdk, isInHand } = moment;
    const [first, ...pending] = sdk.pending;
    for (const sight of first?.type === 'sdk.connecting' ? [{}, { hasSlept: true }] : [{}])
      if (first !== undefined) yield report({ ...moment, sdk: { ...sdk, pending } }, first, sight);
    if (!isUp(sdk.state)) yield { ...moment, sdk: connected(sdk) };
    if (sdk.state !== 'closed') yield { ...moment, sdk: closed(sdk) };
    for (const [to, reason] of ways[sdk.state]) yield { ...moment, sdk: moved(sdk, to, reason) };
    if (sdk.isCalled) yield { ...moment, sdk: { ...connected(sdk), isCalled: false } };
    if (isUp(sdk.state) && mode.asks.length === 0) yield report(moment, { type: 'sdk.asked', answer });
    if (mode.calls > 0) yield report(moment, { type: 'turn.over' });
    for (const failure of sdk.isCalled || isInHand ? [null, error] : [])
      yield report(moment, { type: 'call.settled', token: mode.current, error: failure });
    if (mode.kind === 'unserved') {
      yield report(moment, { type: 'auth.attached', listener });
      yield report(moment, { type: 'user.forgotten' });
      return;
    }
    yield caughtUp(moment);
    yield report(moment, { type: 'auth.ready' });
    yield report(moment, { type: 'auth.detached' });
    yield report(moment, { type: 'user.forgotten' });
    if (mode.kind === 'failing') return;
    yield report(moment, { type: 'token.delayed', error });
    if (sdk.state === 'disconnected' || sdk.state === 'suspended')
      for (const token of [...tokens, null]) yield report(moment, { type: 'token.next', token });
    yield report({ ...moment, isInHand: true }, { type: 'token.denied', error, done });
    for (const token of tokens)
      for (const sight of sights(sdk)) {
        const isReplacement = sight.isReplacement === true;
        const pushed: Happening = { type: 'token.pushed', token, isReplacement };
        yield report({ ...caughtUp(moment), isInHand: true }, pushed, sight);
      }
    if (!isInHand) return;
    for (const type of ['wait.halfway', 'wait.overdue', 'wait.aborted'] as const)
      for (const sight of [{}, ...stranded(sdk)])
        yield report({ ...moment, isInHand: type !== 'wait.aborted' }, { type }, sight);
  }

  const first: Moment = {
    mode: firstMode(TIMEOUT_MS),
    sdk: { state: 'initialized', errorReason: null, pending: [], isCalled: false },
    isInHand: false,
  };
  const queue = [first];
  for (let moment = queue.pop(); moment !== undefined; moment = queue.pop()) {
    for (const after of next(moment)) {
      steps += 1;
      if (isMoreOfTheSame(after)) continue;
      const key = keyOf(after);
      if (seen.has(key)) continue;
      seen.add(key);
      const { kind } = after.mode;
      const waits = kind === 'opening' || kind === 'upgrading' || kind === 'failing';
      if (waits !== after.isInHand) broken.inHand.add(`${key}, after ${keyOf(moment)}`);
      // Frozen, so that no rule can change its arguments.
      Object.freeze(after.mode);
      queue.push(after);
    }
  }
  return {
    moments: seen.size,
    steps,
    pairs: new Set(outcomes.keys()),
    outcomes,
    broken: { inHand: [...broken.inHand], accepted: [...broken.accepted] },
  };
}

/** The kind of a mode, and the field by which two modes of a kind differ. */
const modeName = (mode: Mode): string =>
  mode.kind === 'upgrading' && mode.isToRepeat ? 'upgrading, to repeat' : mode.kind;

/** The effect and its argument, as text. */
function nameOf([name, what]: Effect): string {
  const { type, error, reason } = (what ?? {}) as { type?: string; error?: unknown; reason?: unknown };
  const fault = [what, error, reason].find((one) => one instanceof ErrorInfo);
  return [name, type, fault && `${fault.code}/${fault.statusCode}`].filter(Boolean).join(' ');
}

function moved(sdk: Sdk, to: ConnectionState | 'updated', reason: unknown): Sdk {
  const change = { type: `sdk.${to}`, previous: sdk.state, reason } as Change;
  const state = to === 'updated' ? sdk.state : to;
  const errorReason = to === 'connected' ? null : (reason ?? sdk.errorReason);
  return { ...sdk, state, errorReason, pending: [...sdk.pending, change] };
}

const isUp = (state: ConnectionState): boolean => state === 'connected' || state === 'connecting';

const connected = (sdk: Sdk): Sdk => (isUp(sdk.state) ? sdk : moved(sdk, 'connecting', undefined));

/** Each close has its own reason. */
function closed(sdk: Sdk): Sdk {
  if (sdk.state === 'closed') return sdk;
  const reason = () => new ErrorInfo({ code: 80017, message: 'closed' });
  return moved(moved(sdk, 'closing', reason()), 'closed', reason());
}

function isMoreOfTheSame({ mode, sdk }: Moment): boolean {
  const { asks, calls, answers } = mode;
  // Enough events to be connected after a drop, or closed after a connection, with none of them reported.
  const most = sdk.state === 'connected' || sdk.state === 'closed' ? 3 : 2;
  return (
    sdk.pending.length > most || asks.length > 1 || calls > 1 || answers.sent > 1 || answers.older.length > 1
  );
}

/** The key of a moment: two moments with the same key are equal. */
function keyOf({ mode, sdk, isInHand }: Moment): string {
  const { kind, heard, heardReason, knownReason, current, accepted, asks, answers, calls } = mode;
  const more = 'isToRepeat' in mode ? mode.isToRepeat : 'isSettled' in mode ? mode.isSettled : '';
  const same = `${heardReason === sdk.errorReason}${knownReason === null}${knownReason === sdk.errorReason}`;
  const has = `${current === null}${accepted === null}${asks.length}${calls}`;
  const older = answers.older.map(({ isSure }) => isSure).join();
  const pending = sdk.pending.map(
    ({ type, reason }) => `${type}${reason === knownReason}${reason === expired}`,
  );
  return `${kind}${more} ${heard} ${same} ${has} ${older}/${answers.sent} ${sdk.state}${sdk.isCalled}${isInHand} ${pending}`;
}
