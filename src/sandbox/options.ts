import { seededChance } from '../chance.js';
import { checkNames, flag, method, given as optionsIn, port, record } from '../checks/option-checks.js';
import { type Clock, systemClock } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';

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
  /**
   * How the account is billed. `'mau'`: by monthly active users, so that each client must say whether it is a device
   * or a server (40167, 40168), and a device needs a clientId. Default: `'per-minute'`.
   */
  readonly pricing?: 'per-minute' | 'mau';
  /** Whether a token of another key of the app can re-authenticate a connection. Default: false (40102). */
  readonly reauthByAnyKey?: boolean;
}

/** Checks the options. Null counts as absent. @throws {ErrorInfo} 40003 names the invalid option */
export function parseOptions(options: SandboxOptions): Required<SandboxOptions> {
  const names = ['clock', 'random', 'basicNeedsTls', 'reauthByAnyKey', 'pricing'];
  checkNames(record('options', options ?? {}), names);
  const { clock, random, basicNeedsTls, reauthByAnyKey, pricing } = optionsIn(options ?? {}, names);
  return {
    clock: port('clock', clock, ['now', 'monotonic', 'setTimeout', 'clearTimeout']) ?? systemClock,
    random: method('random', random) ?? seededChance(1),
    basicNeedsTls: flag('basicNeedsTls', basicNeedsTls) ?? false,
    reauthByAnyKey: flag('reauthByAnyKey', reauthByAnyKey) ?? false,
    pricing: pricingFrom(pricing),
  };
}

function pricingFrom(given: SandboxOptions['pricing']): 'per-minute' | 'mau' {
  if (given === undefined || given === 'per-minute' || given === 'mau') return given ?? 'per-minute';
  throw new ErrorInfo({ code: 40003, message: "pricing must be 'per-minute' or 'mau'" });
}
