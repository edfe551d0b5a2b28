import { seededChance } from '../chance.js';
import { type Clock, systemClock } from '../clock.js';

/** The options of {@link createSandbox}. */
export interface SandboxOptions {
  /** The clock of the service: tokens expire by it. Default: the system's. */
  readonly clock?: Clock;
  /**
   * Random numbers from 0 up to, but not including, 1, for faults with a probability. Default: the same
   * sequence in each sandbox.
   */
  readonly random?: () => number;
  /** Whether keys are refused over `http:` and `ws:`, as Ably does (RSA1, code 40103). Default: false. */
  readonly basicNeedsTls?: boolean;
  /** Whether a token of another key of the app can re-authenticate a connection. Default: false (40102). */
  readonly reauthByAnyKey?: boolean;
}

const isFunction = (value: unknown) => typeof value === 'function';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isClock = (value: unknown) =>
  typeof value === 'object' &&
  ['now', 'monotonic', 'setTimeout', 'clearTimeout'].every((name) =>
    isFunction((value as Record<string, unknown> | null)?.[name]),
  );

const checks: Readonly<Record<keyof SandboxOptions, readonly [(value: unknown) => boolean, string]>> = {
  clock: [isClock, 'a clock: now(), monotonic(), setTimeout(), clearTimeout()'],
  random: [isFunction, 'a function'],
  basicNeedsTls: [isFlag, 'true or false'],
  reauthByAnyKey: [isFlag, 'true or false'],
};

/** Checks the options. Null counts as absent. @throws {TypeError} names the invalid option */
export function parseOptions(options: SandboxOptions): Required<SandboxOptions> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('options must be an object');
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  for (const [name, value] of given) {
    if (!Object.hasOwn(checks, name)) {
      throw new TypeError(
        `unknown option ${JSON.stringify(name)}: a sandbox has the options ${Object.keys(checks).join(', ')}`,
      );
    }
    const [isUsable, wanted] = checks[name as keyof SandboxOptions];
    if (!isUsable(value)) throw new TypeError(`${name} must be ${wanted}`);
  }
  return {
    clock: systemClock,
    random: seededChance(1),
    basicNeedsTls: false,
    reauthByAnyKey: false,
    ...Object.fromEntries(given),
  };
}
