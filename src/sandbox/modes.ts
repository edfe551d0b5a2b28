import { allows, allowsAnything } from './capability-patterns.js';
import { flag } from './protocol.js';
import type { Grant } from './tokens.js';

/** The operations of each channel mode: it needs one of them. @see TB2d, auth/capabilities */
const modes = [
  [flag.presence, ['presence']],
  [flag.publish, ['publish']],
  [flag.subscribe, ['subscribe']],
  [flag.presenceSubscribe, ['presence-subscribe', 'subscribe']],
] as const;

const all = modes.reduce((sum, [bit]) => sum | bit, 0);

/** The modes that the `flags` of ATTACH request: all modes if they name none. */
export function askedModes(flags: number): number {
  return (flags & all) === 0 ? all : flags & all;
}

/** The requested modes that a grant allows on a channel. */
export function modesOf({ capabilities }: Grant, channel: string, asked: number): number {
  return modes
    .filter(
      ([bit, operations]) =>
        (asked & bit) !== 0 && operations.some((one) => allows(capabilities, channel, one)),
    )
    .reduce((sum, [bit]) => sum | bit, 0);
}

/** Whether a grant allows `mode` on a channel. */
export function allowsMode(grant: Grant, channel: string, mode: number): boolean {
  return modesOf(grant, channel, mode) !== 0;
}

/** Whether a grant allows any operation on a channel. */
export function reaches({ capabilities }: Grant, channel: string): boolean {
  return allowsAnything(capabilities, channel);
}
