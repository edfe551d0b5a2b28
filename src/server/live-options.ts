import {
  checkNames,
  invalidOption,
  method,
  given as optionsIn,
  port,
  record,
  wholeNumber,
} from '../checks/option-checks.js';
import { type Clock, systemClock } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { LiveTokenOptions } from './live-token.js';
import type { VerifyToken } from './verified-token.js';

/** The options of each server half. */
export interface LiveOptions {
  /** Verifies each token: `jwtVerifier()`, or a function of yours. */
  readonly verify: VerifyToken;
  /**
   * How long before the expiry of its token a client is asked for the next one, ms; at most a fifth of the token's life.
   * Default: 30,000.
   */
  readonly askBefore?: number;
  /**
   * The time limit for each verification, ms, and with `tokenSockets()` for the first token to come too. Default: 10,000.
   * `graphql-ws` has its own limit for the first token: `connectionInitWaitTimeout`.
   */
  readonly timeout?: number;
  /** The longest token that is verified, in letters. Default: 16,384. */
  readonly maxTokenLength?: number;
  /**
   * Receives the reason why a token could not be verified; the client does not learn it. Default: `console.error`. It
   * contains no token.
   */
  readonly onError?: (error: ErrorInfo) => void;
  /** Replaces the clock of the platform. */
  readonly clock?: Clock;
}

const names = ['verify', 'askBefore', 'timeout', 'maxTokenLength', 'onError', 'clock'];

/**
 * @param more the names of further options
 * @throws {ErrorInfo} 40003
 */
export function liveOptions(
  options: LiveOptions,
  more: readonly string[] = [],
): Omit<LiveTokenOptions, 'ask' | 'expire'> {
  checkNames(record('options', options), [...names, ...more]);
  const given = optionsIn(options, names);
  const verify = method('verify', given.verify);
  if (verify === undefined) throw invalidOption('verify', 'a function, such as jwtVerifier()', verify);
  const onError = method('onError', given.onError) ?? ((error) => console.error(error));
  return {
    verify,
    askBeforeMs: wholeNumber('askBefore', given.askBefore) ?? 30_000,
    timeoutMs: wholeNumber('timeout', given.timeout) ?? 10_000,
    maxTokenLength: wholeNumber('maxTokenLength', given.maxTokenLength) ?? 16_384,
    clock: port('clock', given.clock, ['now', 'monotonic', 'setTimeout', 'clearTimeout']) ?? systemClock,
    onError(error) {
      try {
        // An asynchronous function may reject.
        Promise.resolve(onError(error)).catch(() => {});
      } catch {
        // An error of the application's log changes nothing.
      }
    },
  };
}
