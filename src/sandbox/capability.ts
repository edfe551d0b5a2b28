import { Fault } from './fault.js';
import { isRecord } from './record.js';

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

/** The highest number of resources in a capability: two capabilities are compared pair by pair. */
export const MOST_RESOURCES = 250;

/**
 * Parses a capability.
 *
 * @throws {Fault} 40000 for an unknown operation, no operation, or `*` beside others; an empty qualifier, which
 * channel names cannot have; too many resources
 */
export function parseCapability(given: unknown): Capabilities {
  const parsed = typeof given === 'string' ? parseJson(given) : given;
  if (!isRecord(parsed)) throw new Fault('invalid capability', 'it must be an object');
  const resources = Object.entries(parsed);
  if (resources.length > MOST_RESOURCES) {
    throw new Fault('invalid capability', `it names more than ${MOST_RESOURCES} resources`);
  }
  const all = new Map<string, ReadonlySet<string>>();
  for (const [resource, operations] of resources) {
    if (resource.startsWith('[]')) {
      throw new Fault('invalid capability', 'a resource has an empty qualifier, []');
    }
    all.set(resource, parseOperations(resource.slice(0, 100), operations));
  }
  return all;
}

function parseOperations(resource: string, given: unknown): ReadonlySet<string> {
  if (!Array.isArray(given) || given.length === 0)
    throw new Fault('invalid capability', `it has no operations on ${resource}`);
  for (const one of given) {
    if (!OPERATIONS.has(one))
      throw new Fault('invalid capability', `it has an unknown operation on ${resource}`);
  }
  if (given.includes('*') && given.length > 1) {
    throw new Fault('invalid capability', `it has '*' beside other operations on ${resource}`);
  }
  return new Set(given as string[]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault('invalid capability', 'it is not JSON');
  }
}

/** The canonical text: resources and operations sorted, no white space. */
export function capabilityText(capabilities: Capabilities): string {
  const sorted = [...capabilities].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, ops]) => `${JSON.stringify(name)}:${JSON.stringify([...ops].sort())}`).join(',')}}`;
}
