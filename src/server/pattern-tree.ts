import type { Pattern } from '../token/resource-pattern.js';

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
