import { spanText } from '../client/duration-text.js';
import type { AuthEventName, AuthEvents, ErrorInfo, Failure, TokenMetadata } from '../index.js';
import type { Told } from './messages.js';

/** The words for an event, without its time. */
export type Words = Told;

export type Payload<Name extends AuthEventName> = Parameters<AuthEvents[Name]>[0];

/** The words for each event; null if another event describes the same thing better. */
type Descriptions = { readonly [Name in AuthEventName]: (payload: Payload<Name>) => Words | null };

const token = (tone: Words['tone'], title: string, detail: string): Words => ({
  about: 'token',
  tone,
  title,
  detail,
});

const connection = (tone: Words['tone'], title: string, detail: string): Words => ({
  about: 'connection',
  tone,
  title,
  detail,
});

const descriptions: Descriptions = {
  state: ({ value, reason, next }) => {
    if (value === 'requesting') return token('busy', 'Requesting a token', reason);
    // A failed try is described by 'renewal.failed'.
    if (value === 'renewing') return next?.step === 'retry' ? null : token('busy', 'Renewing', reason);
    return value === 'idle' ? token('calm', 'Idle', reason) : null;
  },
  authorized: (facts) => token('good', 'Authorized', lifeOf(facts)),
  renewed: (facts) => token('good', 'Renewed', lifeOf(facts)),
  expiring: ({ inMs }) =>
    token('bad', 'About to expire', `in ${Math.round(inMs / 1_000)} s, and there is no newer token yet`),
  expired: ({ error }) => token('bad', 'Token lost', errorText(error)),
  failed: (failure) => token('bad', failure.final ? 'Failed for good' : 'Failed', failureText(failure)),
  'signin.required': ({ error }) => token('bad', 'No user is signed in', errorText(error)),
  'renewal.failed': (failure) =>
    token('bad', 'The renewal failed', `${failureText(failure)}; the old token is still in use`),
  'identity.changed': ({ current }) =>
    token('calm', 'Identity', current === null ? 'anonymous' : current === '*' ? 'any client' : current),
  'connection.open': () => connection('busy', 'Connecting', 'the connection receives the token'),
  'connection.upgrade': () =>
    connection('busy', 'Upgrading in place', 'the new token is presented on the open connection'),
  'connection.replace': () =>
    connection('busy', 'Replacing the connection', 'the new token is for another client'),
  'connection.fail': ({ error }) => connection('bad', 'The connection gets no token', errorText(error)),
  'connection.changed': ({ state, reason }) =>
    connection(
      state === 'connected' ? 'good' : state === 'connecting' ? 'busy' : reason ? 'bad' : 'calm',
      `Connection ${state}`,
      reason === undefined ? '' : errorText(reason),
    ),
};

/** The events that have words. */
export const describedEvents = Object.keys(descriptions) as AuthEventName[];

export function wordsFor<Name extends AuthEventName>(name: Name, payload: Payload<Name>): Words | null {
  return descriptions[name](payload);
}

function lifeOf({ issued, expires }: TokenMetadata): string {
  if (expires === undefined) return 'a token with no known expiry';
  return issued === undefined
    ? 'a token with a known expiry'
    : `a token that lives for ${spanText(expires - issued)}`;
}

function failureText({ error, attempts, retryInMs }: Failure): string {
  const count = attempts > 1 ? ` (try ${attempts})` : '';
  return retryInMs === null
    ? `${errorText(error)}${count}`
    : `${errorText(error)}${count}; next try in ${spanText(retryInMs)}`;
}

function errorText({ code, message }: ErrorInfo): string {
  return `${message} (${code})`;
}
