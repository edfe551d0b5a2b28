import type { StateFacts, View } from '../messages.js';
import { spanText } from '../span.js';
import type { RemoteClock } from './clock.js';
import { element, write } from './element.js';

const parts = {
  state: element('state'),
  reason: element('reason'),
  next: element('next'),
  countdown: element('countdown'),
  bar: element('bar'),
  meter: element<HTMLMeterElement>('life-meter'),
  left: element('bar-left'),
  mark: element('bar-mark'),
  connectionState: element('connection-state'),
  connectionId: element('connection-id'),
  clientId: element('client-id'),
  capability: element('capability'),
};

/** Shows how things stand: what a view says at once. */
export function showView({ state, token, clientId, connection }: View): void {
  document.body.dataset.state = state.value;
  document.body.dataset.connection = connection.state;
  write(parts.state, state.value);
  write(parts.reason, reasonText(state));
  write(parts.connectionState, connection.state);
  write(parts.connectionId, connection.id ?? 'none');
  write(parts.clientId, clientId === null ? 'nobody' : clientId === '*' ? 'anybody (*)' : clientId);
  // Tells one token from the next, and is no secret.
  parts.bar.dataset.issued = String(token?.issued ?? '');
  write(parts.capability, token?.capability ?? 'nothing');
}

/** Shows what a view says about time, as time goes on. */
export function showTime({ state, lifetime }: View, clock: RemoteClock): void {
  const now = clock.now();
  write(parts.next, nextText(state, now));
  const { bar, meter, left, mark, countdown } = parts;
  bar.classList.toggle('empty', lifetime === null);
  if (lifetime === null) {
    left.style.width = '0';
    mark.hidden = true;
    write(countdown, 'none');
    meter.value = 0;
    meter.setAttribute('aria-valuetext', 'no token');
    return;
  }
  const { receivedAt, diesAt, renewAt } = lifetime;
  const whole = Math.max(1, diesAt - receivedAt);
  const share = (at: number) => Math.min(1, Math.max(0, (diesAt - at) / whole));
  left.style.width = `${(share(now) * 100).toFixed(2)}%`;
  mark.hidden = renewAt === null;
  if (renewAt !== null) mark.style.left = `${(share(renewAt) * 100).toFixed(2)}%`;
  const remaining = Math.max(0, diesAt - now);
  write(countdown, remaining === 0 ? 'dead' : `${wholeSpan(remaining)} left`);
  meter.value = Math.round(share(now) * 100);
  meter.setAttribute('aria-valuetext', `${wholeSpan(remaining)} left of ${spanText(whole)}`);
}

function reasonText({ value, reason, error }: StateFacts): string {
  if (error === null) return value === 'idle' && reason === 'new' ? 'nothing has been asked yet' : reason;
  const told = `${error.message} (${error.code})`;
  const because = reason === error.message ? told : `${reason} — ${told}`;
  return error.remediation === null ? because : `${because}. ${error.remediation}`;
}

function nextText({ value, next, final }: StateFacts, now: number): string {
  if (value === 'failed' && final) return 'Nothing follows by itself. Authorize to try again.';
  if (next === null) {
    if (value === 'idle') return 'Authorize to begin.';
    return value === 'authorized' ? 'Nothing is planned.' : 'Waiting for the source.';
  }
  const expire = value === 'renewing' ? 'The old token dies' : 'Dies unreplaced';
  const what = { renew: 'Renews', retry: 'Tries again', expire }[next.step];
  const wait = next.at - now;
  return wait <= 0 ? `${what} now` : `${what} in ${wholeSpan(wait)}`;
}

/** Seconds are enough for something that runs down. */
function wholeSpan(ms: number): string {
  return spanText(Math.ceil(ms / 1_000) * 1_000);
}
