import type { Clock, TimerHandle } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { LogHandler } from './log.js';

/** One failure. */
export interface Setback {
  /** The missing thing, for the text "no …": "token from https://example.com/token". */
  readonly subject: string;
  readonly error?: ErrorInfo | undefined;
  /** ms until the next try; undefined: not known. */
  readonly retryInMs?: number | null | undefined;
}

/** A failure that continues. Times are monotonic, ms. */
interface Lasting extends Setback {
  readonly since: number;
  /** When it failed last. */
  readonly at: number;
  /** How often it failed. */
  readonly tries: number;
  /** The client does not try again by itself. */
  readonly isFinal: boolean;
  /** The last log line about it: when, and the number of failures until then. */
  readonly told?: { readonly at: number; readonly tries: number } | undefined;
}

/** The shortest time between two lines about a continuing failure, ms. */
const PAUSE_MS = 60_000;

/** How many failures are logged as soon as they begin. Later ones share the limit of one line in that time. */
const MOST_AT_ONCE = 3;

/**
 * Logs when a failure begins, while it continues, and when it ends. Only this class decides which failures
 * are logged.
 */
export class Trouble {
  readonly #log: LogHandler;
  readonly #clock: Clock;
  #lasting: Lasting | undefined;
  /** The number of logged failures, and when the last of them was first logged. */
  #count = 0;
  #begunAt = 0;
  #timer: TimerHandle;

  constructor({ log, clock }: { readonly log: LogHandler; readonly clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Something failed. Unless the failure is final, the client tries again by itself. */
  failed(setback: Setback, isFinal = false): void {
    const at = this.#clock.monotonic();
    if (this.#lasting?.isFinal !== isFinal) this.drop();
    const { since = at, tries = 0, told } = this.#lasting ?? {};
    this.#lasting = { ...setback, since, at, tries: tries + 1, isFinal, told };
    const isAtOnce = told === undefined && (isFinal || this.#count < MOST_AT_ONCE);
    const wait = isAtOnce ? 0 : (told?.at ?? this.#begunAt) + PAUSE_MS - at;
    if (wait <= 0) this.#tell(at);
    // A failure that continues is logged after the pause, even if the next try is much later.
    else if (told === undefined) this.#timer ??= this.#clock.setTimeout(() => this.#tell(at + wait), wait);
  }

  /** It works again. */
  over(): void {
    const { subject, since = 0, told } = this.#lasting ?? {};
    if (told !== undefined) this.#write(`a ${subject} again, after ${span(this.#clock.monotonic() - since)}`);
    this.drop();
  }

  /** Forgets the failure without a log line. */
  drop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#lasting = undefined;
  }

  #tell(now: number): void {
    if (this.#lasting === undefined) return;
    const { subject, error, retryInMs, at, tries, told, isFinal } = this.#lasting;
    this.#lasting = { ...this.#lasting, told: { at: now, tries } };
    const parts = [`no ${subject}: ${problem(error)}`];
    if (told === undefined) {
      this.#count += 1;
      this.#begunAt = now;
    } else parts.push(`${counted(tries - told.tries)} failed in the last ${span(now - told.at)}`);
    if (isFinal) parts.push('No other try follows by itself', error?.remediation ?? '');
    else if (retryInMs != null) parts.push(`Next try ${inWords(at + retryInMs - now)}`);
    this.#write(parts.join('. '), isFinal ? 'error' : 'warn', error);
  }

  #write(line: string, level: 'warn' | 'error' = 'warn', error?: ErrorInfo): void {
    const record = error && { error, reason: error.reason };
    this.#log(oneLine(line), level, record);
  }
}

/** A text as one sentence on one line: line breaks in messages become spaces. */
export const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').replace(/[. ]*$/, '.');

/** The message of an error, those messages of its causes that it does not contain, and its code. */
function problem(error: ErrorInfo | undefined): string {
  if (error === undefined) return 'no reason was given';
  let text = error.message;
  for (let { cause } = error.toJSON(); cause instanceof Object; cause = (cause as Told).cause) {
    const { message = '', code = '' } = cause as Told;
    for (const part of [message, code]) if (!text.includes(`${part}`)) text += `: ${part}`;
  }
  return `${text} (${error.code})`;
}

/** The fields of a cause in the JSON of an error. */
interface Told {
  readonly message?: string;
  readonly code?: string | number;
  readonly cause?: unknown;
}

const counted = (tries: number): string => `${tries} more ${tries === 1 ? 'try' : 'tries'}`;

const inWords = (ms: number): string => (ms > 0 ? `in ${span(ms)}` : 'at once');

/** A rounded duration. It is short, because every page downloads this code. */
const span = (ms: number): string =>
  ms < 120_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
