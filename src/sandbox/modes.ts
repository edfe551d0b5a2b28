import { allows, allowsAnything } from './capability-patterns.js';
import { Fault } from './fault.js';
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

/** The modes by their names in the channel parameter `modes`. @see docs/channels/options, "modes" */
const named: Readonly<Record<string, number>> = {
  publish: flag.publish,
  subscribe: flag.subscribe,
  presence: flag.presence,
  presence_subscribe: flag.presenceSubscribe,
  annotation_publish: flag.annotationPublish,
  annotation_subscribe: flag.annotationSubscribe,
  object_subscribe: flag.objectSubscribe,
  object_publish: flag.objectPublish,
};
const everyMode = Object.values(named).reduce((sum, bit) => sum | bit, 0);

/** The channel parameters that the service reads; `agent` names the software. */
const PARAMS = ['modes', 'agent'];

/**
 * The modes that an ATTACH requests, by its parameter `modes` or else by its flags: all modes if it names none.
 * @throws {Fault} 40000 for modes and parameters that are not offered here, 40003 for an unknown mode
 */
export function askedModes(flags: number, params: Readonly<Record<string, unknown>>): number {
  const other = Object.keys(params).find((name) => !PARAMS.includes(name));
  if (other !== undefined)
    throw new Fault('the sandbox does not offer this', `the channel parameter ${other.slice(0, 100)}`);
  const asked = params.modes === undefined ? flags & everyMode : readModes(params.modes);
  if ((asked & ~all) !== 0)
    throw new Fault('the sandbox does not offer this', 'modes of objects and annotations');
  return asked === 0 ? all : asked;
}

function readModes(given: unknown): number {
  let modes = 0;
  for (const name of typeof given === 'string' ? given.toLowerCase().split(',') : ['']) {
    const bit = Object.hasOwn(named, name) ? named[name] : undefined;
    if (bit === undefined)
      throw new Fault('invalid parameter value', 'modes must be names of modes, with commas');
    modes |= bit;
  }
  return modes;
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
