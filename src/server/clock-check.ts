import type { Auth } from '../auth.js';
import { spanText } from '../client/duration-text.js';
import type { Issuer } from '../client/issuer.js';

/** The service accepts a TokenRequest for two minutes, and no JWT of the future. */
const FAR_OFF_MS = 60_000;

/** Short scripts and tests end before. */
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;

/**
 * Makes a function that is called with each answer. It compares the clock that tokens are signed with to that of the
 * service: after the first minute of answers, then at most once an hour. No answer waits for it. A service that does
 * not answer is not reported.
 */
export function clockCheck(
  auth: Pick<Auth, 'time'>,
  { clock, log }: Pick<Issuer, 'clock' | 'log'>,
): () => void {
  let nextAt: number | undefined;

  async function compare(): Promise<void> {
    const [askedAt, from] = [clock.now(), clock.monotonic()];
    const theirs = await auth.time();
    const [answeredAt, tookMs] = [clock.now(), clock.monotonic() - from];
    // The service read its clock at some moment in between. The clock of this machine may have been set meanwhile, and
    // may have slept: only a difference that both readings show is certain.
    const aheadMs = Math.min(askedAt, answeredAt - tookMs) - theirs;
    const behindMs = theirs - Math.max(answeredAt, askedAt + tookMs);
    const offMs = Math.max(aheadMs, behindMs);
    if (offMs <= FAR_OFF_MS) return;
    log?.(
      `the clock of this machine is at least ${spanText(offMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of the service, ` +
        'which may refuse tokens that are signed with it. Set the clock by NTP, or make the auth of the token endpoint with queryTime: true.',
      'warn',
    );
  }

  return () => {
    const now = clock.monotonic();
    nextAt ??= now + FIRST_AFTER_MS;
    if (now < nextAt) return;
    nextAt = now + EVERY_MS;
    compare().catch(() => {});
  };
}
