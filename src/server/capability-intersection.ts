import type { Capability } from '../token/capability.js';

type Operations = Readonly<Record<string, readonly string[]>>;

/**
 * What two capabilities both allow, and nothing else: the narrower pattern of each pair that overlaps,
 * with the operations both name.
 *
 * @returns an empty object when they have nothing in common
 * @see https://ably.com/docs/auth/capabilities
 */
export function intersection(one: Capability, other: Capability): Capability {
  const others = Object.entries(other).map(([name, operations]) => ({ ...patternOf(name), operations }));
  // Without a prototype: a channel may be called "__proto__".
  const both: Record<string, readonly string[]> = Object.create(null);
  for (const [name, operations] of Object.entries(one)) {
    const pattern = patternOf(name);
    for (const candidate of others) {
      const shared = sharedOperations(operations, candidate.operations);
      const resource = shared.length === 0 ? undefined : sharedResource(pattern, candidate);
      if (resource !== undefined) add(both, resource, shared);
    }
  }
  return both;
}

/** Two pairs may meet in one pattern: what either allows there is allowed. */
function add(all: Record<string, readonly string[]>, resource: string, operations: readonly string[]): void {
  const present = (all as Operations)[resource];
  all[resource] = present === undefined ? operations : normalized([...present, ...operations]);
}

/** `*` stands alone, everything else once. */
function normalized(operations: readonly string[]): readonly string[] {
  return operations.includes('*') ? ['*'] : [...new Set(operations)];
}

function sharedOperations(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.includes('*')) return normalized(other);
  if (other.includes('*')) return normalized(one);
  return normalized(one.filter((operation) => other.includes(operation)));
}

interface Pattern {
  /** What stands in brackets, as in `[meta]log`; `*` for channels of any kind; undefined for plain ones. */
  readonly kind: string | undefined;
  readonly segments: readonly string[];
  /** Whether the last segment is `*`, which stands for one segment or more; any other `*` for just one. */
  readonly isOpen: boolean;
}

function patternOf(name: string): Pattern {
  const end = name.startsWith('[') ? name.indexOf(']') : -1;
  const segments = name.slice(end + 1).split(':');
  return { kind: end < 0 ? undefined : name.slice(1, end), segments, isOpen: segments.at(-1) === '*' };
}

function sharedResource(one: Pattern, other: Pattern): string | undefined {
  if (one.kind !== other.kind && one.kind !== '*' && other.kind !== '*') return undefined;
  const kind = one.kind === '*' ? other.kind : one.kind;
  const segments: string[] = [];
  const length = Math.max(one.segments.length, other.segments.length);
  for (let index = 0; index < length; index += 1) {
    const segment = sharedPart(segmentAt(one, index), segmentAt(other, index));
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  const resource = `${kind === undefined ? '' : `[${kind}]`}${segments.join(':')}`;
  // Of plain channels and `[*][meta]log` there would be left `[meta]log`, which is of another kind than
  // either; and no channel has an empty kind.
  return kind !== '' && patternOf(resource).kind === kind ? resource : undefined;
}

/** An open pattern goes on with `*`; any other one ends. */
function segmentAt({ segments, isOpen }: Pattern, index: number): string | undefined {
  return segments[index] ?? (isOpen ? '*' : undefined);
}

function sharedPart(one: string | undefined, other: string | undefined): string | undefined {
  if (one === other || other === '*') return one;
  return one === '*' ? other : undefined;
}
