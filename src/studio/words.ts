import { spanText } from '../client/duration-text.js';
import type { AuthEventName, AuthEvents, ErrorInfo, TokenMetadata } from '../index.js';
import type { Told } from './messages.js';
import { troubleOf } from './trouble.js';

/** The words for an event, without its time. */
export type Words = Told;

export type Payload<Name extends AuthEventName> = Parameters<AuthEvents[Name]>[0];

/** The words for each event; null if another event describes the same thing better. */
type Descriptions = { readonly [Name in AuthEventName]: (payload: Payload<Name>) => Words | null };

const about =
  (subject: 'token' | 'connection') =>
  (tone: Words['tone'], title: string, detail: string, error?: ErrorInfo): Words => ({
    about: subject,
    tone,
    title,
    detail,
    ...(error === undefined ? {} : { trouble: troubleOf(error) }),
  });

const token = about('token');
const connection = about('connection');

type Acquired = Payload<'renewed'>;
type Failed = Omit<Payload<'renewal.failed'>, 'reason'>;

const descriptions: Descriptions = {
  state: ({ value, reason, next }) => {
    if (value === 'requesting') return token('busy', 'Requesting a token', reason);
    // A failed try is described by 'renewal.failed'.
    if (value === 'renewing') return next?.step === 'retry' ? null : token('busy', 'Renewing', reason);
    return value === 'idle' ? token('calm', 'Idle', reason) : null;
  },
  authorized: (facts) => token('good', 'Authorized', obtained(facts)),
  renewed: (facts) => token('good', 'Renewed', obtained(facts)),
  expiring: ({ inMs }) =>
    token('bad', 'About to expire', `in ${Math.round(inMs / 1_000)} s, and there is no newer token yet`),
  expired: ({ error }) => token('bad', 'Token lost', errorText(error), error),
  failed: (failure) =>
    token('bad', failure.final ? 'Failed for good' : 'Failed', failureText(failure), failure.error),
  'signin.required': ({ error }) => token('bad', 'No user is signed in', errorText(error), error),
  'renewal.failed': (failure) =>
    token(
      'bad',
      'The renewal failed',
      `${failureText(failure)}; the old token is still in use`,
      failure.error,
    ),
  'identity.changed': ({ current }) =>
    token('calm', 'Identity', current === null ? 'anonymous' : current === '*' ? 'any client' : current),
  'connection.open': () => connection('busy', 'Connecting', 'the connection receives the token'),
  'connection.upgrade': () =>
    connection('busy', 'Upgrading in place', 'the new token is presented on the open connection'),
  'connection.replace': () =>
    connection('busy', 'Replacing the connection', 'the new token is for another client'),
  'connection.fail': ({ error }) =>
    connection('bad', 'The connection gets no token', errorText(error), error),
  'connection.changed': ({ state, reason, retryInMs }) => {
    const isTrouble = reason !== undefined && state !== 'connected' && state !== 'connecting';
    const next =
      retryInMs === undefined
        ? ''
        : retryInMs < 1
          ? '; it tries again at once'
          : `; next try in ${spanText(retryInMs)}`;
    return connection(
      state === 'connected' ? 'good' : state === 'connecting' ? 'busy' : reason ? 'bad' : 'calm',
      `Connection ${state}`,
      reason === undefined ? '' : `${errorText(reason)}${next}`,
      isTrouble ? reason : undefined,
    );
  },
};

/** The events that have words. */
export const describedEvents = Object.keys(descriptions) as AuthEventName[];

export function wordsFor<Name extends AuthEventName>(name: Name, payload: Payload<Name>): Words | null {
  return descriptions[name](payload);
}

/** The machine slept, or its clock was set forward: both look the same. */
export const wokeUp = (ms: number): Words => ({
  ...token('calm', 'Woke up', `the wall clock ran ahead by ${spanText(ms)}: nothing was seen meanwhile`),
  unseenMs: ms,
});

/** The wall clock was set back. */
export const setBack = (ms: number): Words =>
  token('calm', 'The clock was set back', `by ${spanText(ms)}: the timeline begins again`);

/** The duration of an acquisition, and of its steps: "712 ms: source 640, exchange 41, connection 31 ms". */
export function stepsText(stepsMs: Readonly<Record<string, number>>): string {
  const steps = Object.entries(stepsMs);
  const whole = spanText(steps.reduce((sum, [, ms]) => sum + ms, 0));
  const each = steps.map(([name, ms]) => `${STEP_NAMES[name] ?? name} ${spanText(ms)}`).join(', ');
  return steps.length > 1 ? `${whole}: ${each}` : whole;
}

const STEP_NAMES: Readonly<Record<string, string>> = {
  asking: 'source',
  exchanging: 'exchange',
  presenting: 'connection',
};

function obtained(facts: Acquired): string {
  const { attempt, stepsMs } = facts;
  const tries = attempt > 1 ? `, at try ${attempt}` : '';
  const steps = Object.keys(stepsMs).length === 0 ? '' : `; took ${stepsText(stepsMs)}`;
  return `${lifeOf(facts)}${tries}${steps}`;
}

function lifeOf({ issued, expires }: TokenMetadata): string {
  if (expires === undefined) return 'a token with no known expiry';
  return issued === undefined
    ? 'a token with a known expiry'
    : `a token that lives for ${spanText(expires - issued)}`;
}

function failureText({ error, attempts, retryInMs }: Failed): string {
  const count = attempts > 1 ? ` (try ${attempts})` : '';
  return retryInMs === null
    ? `${errorText(error)}${count}`
    : `${errorText(error)}${count}; next try in ${spanText(retryInMs)}`;
}

function errorText({ code, message }: ErrorInfo): string {
  return `${message} (${code})`;
}
