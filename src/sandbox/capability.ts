import { Fault } from './fault.js';

/** Operations by resource pattern. */
export type Capabilities = ReadonlyMap<string, ReadonlySet<string>>;

const OPERATIONS = new Set([
  '*',
  'annotation-publish',
  'annotation-subscribe',
  'channel-metadata',
  'history',
  'message-delete-any',
  'message-delete-own',
  'message-update-any',
  'message-update-own',
  'object-publish',
  'object-subscribe',
  'presence',
  'presence-subscribe',
  'privileged-headers',
  'publish',
  'push-admin',
  'push-subscribe',
  'stats',
  'subscribe',
]);

/** @throws {Fault} 40000 for an unknown operation, none at all, or `*` among others. */
export function parseCapability(given: unknown): Capabilities {
  const parsed = typeof given === 'string' ? parseJson(given) : given;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Fault(40000, 'capability is not an object');
  }
  const all = new Map<string, ReadonlySet<string>>();
  for (const [resource, operations] of Object.entries(parsed))
    all.set(resource, parseOperations(resource, operations));
  return all;
}

function parseOperations(resource: string, given: unknown): ReadonlySet<string> {
  if (!Array.isArray(given) || given.length === 0) throw new Fault(40000, `no operations on ${resource}`);
  for (const one of given)
    if (!OPERATIONS.has(one)) throw new Fault(40000, `unknown operation on ${resource}`);
  if (given.includes('*') && given.length > 1)
    throw new Fault(40000, `'*' among other operations on ${resource}`);
  return new Set(given as string[]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault(40000, 'capability is not JSON');
  }
}

/** Canonical text: resources and operations sorted, no white space. */
export function capabilityText(capabilities: Capabilities): string {
  const sorted = [...capabilities].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, ops]) => `${JSON.stringify(name)}:${JSON.stringify([...ops].sort())}`).join(',')}}`;
}
