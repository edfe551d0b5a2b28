import type { Clock, TimerHandle } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { addressOf } from '../platform/address.js';
import { redactText } from '../redaction/text.js';
import type { LogHandler } from './log.js';

/** What failed. */
export interface Setback {
  /** What there is none of now: "token from https://example.com/token". */
  readonly subject: string;
  readonly error?: ErrorInfo | undefined;
  /** ms until the next try; undefined: not known. */
  readonly retryInMs?: number | null | undefined;
}

/** A trouble that is not over. Moments are monotonic ms. */
interface Lasting extends Setback {
  readonly since: number;
  /** When it failed last. */
  readonly at: number;
  /** How often it failed. */
  readonly tries: number;
  /** Nothing follows by itself. */
  readonly isFinal: boolean;
  /** The last line about it: when, and how often it had failed by then. */
  readonly told?: { readonly at: number; readonly tries: number } | undefined;
}

/** While a trouble lasts there is at most one line in so long, ms. */
const PAUSE_MS = 60_000;

/** So many troubles are told as soon as they begin; those after them at most once in so long, too. */
const MOST_AT_ONCE = 3;

/**
 * Says in the log that a trouble begins, that it goes on, and that it is over. It decides which of the
 * failures there are is worth a line, and nobody else does.
 */
export class Trouble {
  readonly #log: LogHandler;
  readonly #clock: Clock;
  #lasting: Lasting | undefined;
  /** How many were told, and when the last of them was first. */
  #count = 0;
  #begunAt = 0;
  #timer: TimerHandle;

  constructor({ log, clock }: { readonly log: LogHandler; readonly clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  /** It failed; unless that is final, another try follows by itself. */
  failed(setback: Setback, isFinal = false): void {
    const at = this.#clock.monotonic();
    if (this.#lasting?.isFinal !== isFinal) this.drop();
    const { since = at, tries = 0, told } = this.#lasting ?? {};
    this.#lasting = { ...setback, since, at, tries: tries + 1, isFinal, told };
    const isAtOnce = told === undefined && (isFinal || this.#count < MOST_AT_ONCE);
    const wait = isAtOnce ? 0 : (told?.at ?? this.#begunAt) + PAUSE_MS - at;
    if (wait <= 0) this.#tell(at);
    // One that lasts is told, however long it is until the next try.
    else if (told === undefined) this.#timer ??= this.#clock.setTimeout(() => this.#tell(at + wait), wait);
  }

  /** All is well. */
  over(): void {
    const { subject, since = 0, told } = this.#lasting ?? {};
    if (told !== undefined) this.#write(`a ${subject} again, after ${span(this.#clock.monotonic() - since)}`);
    this.drop();
  }

  /** It is of no interest any more. */
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
    this.#write(parts.join('. '), isFinal ? 'error' : 'warn');
  }

  /** A line is one line, whatever others say in it. */
  #write(line: string, level: 'warn' | 'error' = 'warn'): void {
    this.#log(line.replace(/[\s\p{Cc}]+/gu, ' ').replace(/[. ]*$/, '.'), level);
  }
}

/** An address fit to be shown: no query, no user, nothing in its path that looks like a secret. */
export function shownAddress(address: string): string {
  const read = addressOf(address);
  if (read === undefined) return redactText(address);
  const { protocol, host, pathname } = read;
  return `${protocol}//${host}${pathname.replace(/[^/]+/g, (part) => redactText(part)).replace(/\/$/, '')}`;
}

/** The error, what of its causes it does not say itself, and its code. */
function problem(error: ErrorInfo | undefined): string {
  if (error === undefined) return 'no reason was given';
  let text = error.message;
  for (let { cause } = error.toJSON(); cause instanceof Object; cause = (cause as Told).cause) {
    const { message = '', code = '' } = cause as Told;
    for (const part of [message, code]) if (!text.includes(`${part}`)) text += `: ${part}`;
  }
  return `${text} (${error.code})`;
}

/** What the JSON of an error has of its cause. */
interface Told {
  readonly message?: string;
  readonly code?: string | number;
  readonly cause?: unknown;
}

const counted = (tries: number): string => `${tries} more ${tries === 1 ? 'try' : 'tries'}`;

const inWords = (ms: number): string => (ms > 0 ? `in ${span(ms)}` : 'at once');

/** Roughly: the line says so by the way, and every page pays for how. */
const span = (ms: number): string =>
  ms < 120_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
