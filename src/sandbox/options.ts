import { checkNames, flag, method, given as optionsIn, port, record } from '../checks/option-checks.js';
import { type Clock, systemClock } from '../clock.js';
import { seededChance } from './seeded-chance.js';

/** What a sandbox is made with. */
export interface SandboxOptions {
  /** Time, also the service's: tokens expire by it. */
  readonly clock?: Clock;
  /** Numbers from 0 up to but not 1, for faults that happen by chance. Default: the same ones each time. */
  readonly random?: () => number;
  /** Whether keys are refused over `http:` and `ws:`, as Ably does (RSA1, code 40103). Default: false. */
  readonly basicNeedsTls?: boolean;
  /** Whether a connection may be re-authenticated with a token of another key of its app. Default: false (40102). */
  readonly reauthByAnyKey?: boolean;
}

/** Null counts as absent. @throws {ErrorInfo} 40003 by the name of the option */
export function parseOptions(options: SandboxOptions): Required<SandboxOptions> {
  const names = ['clock', 'random', 'basicNeedsTls', 'reauthByAnyKey'];
  checkNames(record('options', options ?? {}), names);
  const { clock, random, basicNeedsTls, reauthByAnyKey } = optionsIn(options ?? {}, names);
  return {
    clock: port('clock', clock, ['now', 'monotonic', 'setTimeout', 'clearTimeout']) ?? systemClock,
    random: method('random', random) ?? seededChance(1),
    basicNeedsTls: flag('basicNeedsTls', basicNeedsTls) ?? false,
    reauthByAnyKey: flag('reauthByAnyKey', reauthByAnyKey) ?? false,
  };
}
