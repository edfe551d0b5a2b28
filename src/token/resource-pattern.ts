/** The name of a channel, or a pattern for several channels. */
export interface Pattern {
  readonly name: string;
  /** The text in brackets, as in `[meta]log`; `*` for channels of any kind; undefined for plain channels. */
  readonly kind: string | undefined;
  readonly segments: readonly string[];
  /**
   * Whether the last segment is `*`: that one matches one segment or more. Any other `*` matches exactly one.
   */
  readonly isOpen: boolean;
}

/** Reads a name. Empty brackets are a part of it, not a kind. */
export function patternOf(name: string): Pattern {
  const end = name.startsWith('[') ? name.indexOf(']') : -1;
  const kind = end > 1 ? name.slice(1, end) : undefined;
  const segments = (kind === undefined ? name : name.slice(end + 1)).split(':');
  return { name, kind, segments, isOpen: segments[segments.length - 1] === '*' };
}

/** The pattern that two patterns have in common; undefined if they have nothing in common. */
export function sharedName(one: Pattern, other: Pattern): string | undefined {
  if (one.kind !== other.kind && one.kind !== '*' && other.kind !== '*') return undefined;
  const kind = one.kind === '*' ? other.kind : one.kind;
  const segments: string[] = [];
  const length = Math.max(one.segments.length, other.segments.length);
  for (let index = 0; index < length; index += 1) {
    const segment = sharedSegment(segmentAt(one, index), segmentAt(other, index));
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  const resource = `${kind === undefined ? '' : `[${kind}]`}${segments.join(':')}`;
  // Plain channels and `[*][meta]log` would have `[meta]log` in common, which is of another kind than either.
  // And no channel has an empty kind.
  return patternOf(resource).kind === kind && !resource.startsWith('[]') ? resource : undefined;
}

/** The segment at an index. After its end an open pattern has `*`, any other pattern has nothing. */
function segmentAt({ segments, isOpen }: Pattern, index: number): string | undefined {
  return segments[index] ?? (isOpen ? '*' : undefined);
}

function sharedSegment(one: string | undefined, other: string | undefined): string | undefined {
  if (one === other || other === '*') return one;
  return one === '*' ? other : undefined;
}

/** Whether `pattern` matches every channel that `other` matches. */
export function covers(pattern: Pattern, other: Pattern): boolean {
  if (pattern.kind !== '*' && pattern.kind !== other.kind) return false;
  for (const [at, segment] of pattern.segments.entries()) {
    const same = other.segments[at];
    const isLast = at === pattern.segments.length - 1;
    if (same === undefined) return false;
    if (segment === '*' && isLast) return true;
    if (segment !== '*' && segment !== same) return false;
    if (other.isOpen && at === other.segments.length - 1) return false;
  }
  return pattern.segments.length === other.segments.length;
}
