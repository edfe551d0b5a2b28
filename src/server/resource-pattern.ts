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

export function patternOf(name: string): Pattern {
  const end = name.startsWith('[') ? name.indexOf(']') : -1;
  const segments = name.slice(end + 1).split(':');
  return { name, kind: end < 0 ? undefined : name.slice(1, end), segments, isOpen: segments.at(-1) === '*' };
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
  return kind !== '' && patternOf(resource).kind === kind ? resource : undefined;
}

/** The segment at an index. After its end an open pattern has `*`, any other pattern has nothing. */
function segmentAt({ segments, isOpen }: Pattern, index: number): string | undefined {
  return segments[index] ?? (isOpen ? '*' : undefined);
}

function sharedSegment(one: string | undefined, other: string | undefined): string | undefined {
  if (one === other || other === '*') return one;
  return one === '*' ? other : undefined;
}

interface Branch<T> {
  readonly next: Map<string, Branch<T>>;
  /** The entry whose pattern ends at this branch. */
  end: T | undefined;
}

/**
 * A tree of patterns, by segment. It finds the patterns that overlap another one, without a look at most of
 * the others.
 */
export class PatternTree<T extends { readonly pattern: Pattern }> {
  readonly #roots = new Map<string | undefined, Branch<T>>();

  add(entry: T): void {
    const { kind, segments } = entry.pattern;
    let branch = branchAt(this.#roots, kind);
    for (const segment of segments) branch = branchAt(branch.next, segment);
    branch.end = entry;
  }

  /**
   * The entries whose patterns overlap `pattern`.
   * @param visit called at each step
   */
  overlapping(pattern: Pattern, visit: () => void): readonly T[] {
    const { segments, isOpen } = pattern;
    const found: T[] = [];
    // This is a loop and not a recursion, because a name may have more segments than the stack allows.
    const ahead = this.#rootsFor(pattern.kind).map((branch) => ({ branch, depth: 0 }));
    for (let spot = ahead.pop(); spot !== undefined; spot = ahead.pop()) {
      visit();
      const { branch, depth } = spot;
      const { end, next } = branch;
      if (end !== undefined && (depth >= segments.length || end.pattern.isOpen)) found.push(end);
      const segment = segments[depth] ?? (isOpen ? '*' : undefined);
      if (segment === undefined) continue;
      const onward = segment === '*' ? next.values() : [next.get(segment), next.get('*')];
      for (const one of onward) if (one !== undefined) ahead.push({ branch: one, depth: depth + 1 });
    }
    return found;
  }

  #rootsFor(kind: string | undefined): readonly Branch<T>[] {
    if (kind === '*') return [...this.#roots.values()];
    return [this.#roots.get(kind), this.#roots.get('*')].filter((root) => root !== undefined);
  }
}

function branchAt<K, T>(branches: Map<K, Branch<T>>, key: K): Branch<T> {
  const known = branches.get(key);
  if (known !== undefined) return known;
  const branch: Branch<T> = { next: new Map(), end: undefined };
  branches.set(key, branch);
  return branch;
}
