import type { Auth } from '../auth.js';
import { spanText } from '../client/duration-text.js';
import type { Issuer } from '../client/issuer.js';

/** The service takes a TokenRequest for two minutes, and no JWT of the future. */
const FAR_OFF_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Compares the clock that tokens are signed with to that of the service. */
export class ClockCheck {
  readonly #auth: Pick<Auth, 'time'>;
  readonly #issuer: Pick<Issuer, 'clock' | 'log'>;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(auth: Pick<Auth, 'time'>, issuer: Pick<Issuer, 'clock' | 'log'>) {
    this.#auth = auth;
    this.#issuer = issuer;
  }

  /** Asks the service at most once an hour. No answer waits for it, and its failure says nothing about the clock. */
  start(): void {
    const { clock } = this.#issuer;
    const now = clock.monotonic();
    if (now < this.#nextAt) return;
    this.#nextAt = now + EVERY_MS;
    this.#compare().catch(() => {});
  }

  async #compare(): Promise<void> {
    const { clock, log } = this.#issuer;
    const askedAt = clock.now();
    const theirs = await this.#auth.time();
    const aheadMs = (askedAt + clock.now()) / 2 - theirs;
    if (Math.abs(aheadMs) <= FAR_OFF_MS) return;
    const where = aheadMs > 0 ? 'ahead of' : 'behind';
    log?.(
      `the clock of this machine is ${spanText(Math.abs(aheadMs))} ${where} the clock of the service, which refuses ` +
        'tokens that are signed with it. Set the clock by NTP, or make the auth of the token endpoint with queryTime: true.',
      'warn',
    );
  }
}
