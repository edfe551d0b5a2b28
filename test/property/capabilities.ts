import fc from 'fast-check';
import { parseCapability } from '../../src/sandbox/capability.js';
import { allows } from '../../src/sandbox/capability-patterns.js';
import type { Capability } from '../../src/token/capability.js';

export const OPERATIONS = ['publish', 'subscribe', 'presence', 'history'] as const;

/** Few words, so that patterns often match each other. */
const word = fc.constantFrom('a', 'b', 'c', 'a*', '');
const kind = fc.constantFrom(
  '',
  '',
  '',
  '[meta]',
  '[queue]',
  '[*]',
  '[*][meta]',
  '[queue][*]',
  '[meta][queue]',
);
const pattern = fc
  .tuple(kind, fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 4 }))
  .map(([brackets, segments]) => `${brackets}${segments.join(':')}`)
  .filter((name) => name !== '');

const operations = fc.oneof(
  { weight: 1, arbitrary: fc.constant<string[]>(['*']) },
  { weight: 3, arbitrary: fc.uniqueArray(fc.constantFrom<string[]>(...OPERATIONS), { minLength: 1 }) },
);

/** Capabilities whose patterns often overlap. */
export const someCapability: fc.Arbitrary<Record<string, string[]>> = fc.dictionary(pattern, operations, {
  minKeys: 1,
  maxKeys: 4,
  noNullPrototype: true,
});

/** Brackets in every order, empty, nested and without an end. */
const wildPattern = fc
  .array(fc.constantFrom('[', ']', '[]', '[*]', '[meta]', '*', ':', 'a', 'b'), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));

/** Capabilities with such names among ordinary ones. */
export const wildCapability: fc.Arbitrary<Record<string, string[]>> = fc.dictionary(
  fc.oneof(wildPattern, wildPattern, pattern),
  operations,
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);

/** Names of channels that these patterns may match. */
export const someChannel = fc

  .tuple(
    fc.constantFrom('', '', '[meta]', '[queue]', '[meta][queue]'),
    fc.array(word, { minLength: 1, maxLength: 5 }),
  )
  .map(([brackets, segments]) => `${brackets}${segments.join(':')}`);

/** Channels that this pattern may match: each `*` is replaced by a word. */
export function channelsOf(resource: string): string[] {
  return ['a', 'b', 'meta'].map((filling) => resource.replaceAll('*', filling));
}

/**
 * The same for names that the sandbox refuses in a capability: none of them may match a channel by its
 * brackets.
 */
export function isAllowedByName(capability: Capability, channel: string, operation: string): boolean {
  const all = Object.entries(capability).map(([name, list]) => [name, new Set(list)] as const);
  return allows(new Map(all), channel, operation);
}

/** What the sandbox, which has its own rules, would allow. */
export function isAllowed(capability: Capability | string, channel: string, operation: string): boolean {
  return allows(parseCapability(capability), channel, operation);
}
