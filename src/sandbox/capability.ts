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

/** What both allow: for each pair of patterns the narrower one, with the operations both name. */
export function intersect(a: Capabilities, b: Capabilities): Capabilities {
  const both = new Map<string, ReadonlySet<string>>();
  for (const [left, leftOps] of a) {
    for (const [right, rightOps] of b) {
      const resource = intersectPatterns(left, right);
      const operations = intersectOperations(leftOps, rightOps);
      if (resource === undefined || operations.size === 0) continue;
      both.set(resource, joined(both.get(resource), operations));
    }
  }
  return both;
}

/** Whether `operation` is allowed on a channel of this name. */
export function allows(capabilities: Capabilities, channel: string, operation: string): boolean {
  for (const [pattern, operations] of capabilities) {
    if (covers(pattern, channel) && (operations.has('*') || operations.has(operation))) return true;
  }
  return false;
}

/** Whether anything at all is allowed on a channel of this name. */
export function allowsAnything(capabilities: Capabilities, channel: string): boolean {
  for (const pattern of capabilities.keys()) if (covers(pattern, channel)) return true;
  return false;
}

function joined(a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set([...(a ?? []), ...b]);
  return all.has('*') ? new Set(['*']) : all;
}

function intersectOperations(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.has('*')) return b;
  if (b.has('*')) return a;
  return new Set([...a].filter((one) => b.has(one)));
}

/** A resource's kind, `[queue]` say; none for a channel; `[*]` for every kind. */
function split(pattern: string): { kind: string; segments: string[] } {
  const match = /^\[([^\]]*)\](.*)$/s.exec(pattern);
  return match === null
    ? { kind: '', segments: pattern.split(':') }
    : { kind: match[1] ?? '', segments: (match[2] ?? '').split(':') };
}

function intersectPatterns(a: string, b: string): string | undefined {
  const left = split(a);
  const right = split(b);
  if (left.kind !== right.kind && left.kind !== '*' && right.kind !== '*') return undefined;
  const kind = left.kind === '*' ? right.kind : left.kind;
  const segments = intersectSegments(left.segments, right.segments);
  if (segments === undefined) return undefined;
  return `${kind === '' ? '' : `[${kind}]`}${segments.join(':')}`;
}

/** A `*` stands for one segment, the last one for one or more. */
function intersectSegments(a: readonly string[], b: readonly string[]): string[] | undefined {
  const [x, ...restOfA] = a;
  const [y, ...restOfB] = b;
  if (x === undefined || y === undefined) return a.length === b.length ? [] : undefined;
  if (x === '*' && restOfA.length === 0) return [...b];
  if (y === '*' && restOfB.length === 0) return [...a];
  const head = x === '*' ? y : y === '*' || x === y ? x : undefined;
  const rest = head === undefined ? undefined : intersectSegments(restOfA, restOfB);
  return head === undefined || rest === undefined ? undefined : [head, ...rest];
}

function covers(pattern: string, channel: string): boolean {
  const { kind, segments } = split(pattern);
  if (kind !== '' && kind !== '*') return false;
  const names = channel.split(':');
  const last = segments.length - 1;
  if (names.length < segments.length) return false;
  if (names.length > segments.length && segments[last] !== '*') return false;
  return segments.every((segment, index) => segment === '*' || segment === names[index]);
}
