export interface Pattern {
  /**
   * The text in brackets, such as `queue` or `meta`; empty for a plain channel; `*` in a capability for every
   * kind.
   */
  readonly kind: string;
  readonly segments: readonly string[];
}

export function split(pattern: string): Pattern {
  const [, kind = '', rest = pattern] = /^\[([^\]]+)\](.*)$/s.exec(pattern) ?? [];
  return { kind, segments: rest.split(':') };
}

/** Splits the name of a channel. Parameters in its brackets, `[?rewind=1]chat`, are not part of the name. */
function splitChannel(channel: string): Pattern {
  const { kind, segments } = split(channel);
  return { kind: kind.split('?', 1)[0] ?? '', segments };
}

/** The pattern that matches what both patterns match; undefined if they have nothing in common. */
export function intersectPatterns(left: Pattern, right: Pattern): string | undefined {
  if (left.kind !== right.kind && left.kind !== '*' && right.kind !== '*') return undefined;
  const kind = left.kind === '*' ? right.kind : left.kind;
  const segments = intersectSegments(left.segments, right.segments);
  if (segments === undefined) return undefined;
  const resource = `${kind === '' ? '' : `[${kind}]`}${segments.join(':')}`;
  // Plain channels have no brackets, so `*` and `[*][meta]log` have no channel in common.
  return split(resource).kind === kind ? resource : undefined;
}

/** A `*` matches one segment; as the last segment, one or more. */
function intersectSegments(a: readonly string[], b: readonly string[]): string[] | undefined {
  const segments: string[] = [];
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const x = a[at] as string;
    const y = b[at] as string;
    if (x === '*' && at === a.length - 1) return [...segments, ...b.slice(at)];
    if (y === '*' && at === b.length - 1) return [...segments, ...a.slice(at)];
    if (x !== y && x !== '*' && y !== '*') return undefined;
    segments.push(x === '*' ? y : x);
  }
  return a.length === b.length ? segments : undefined;
}

/** Whether `wide` matches every channel that `narrow` matches. */
export function coversPattern(wide: string, narrow: string): boolean {
  return intersectPatterns(split(wide), split(narrow)) === narrow;
}

/** Whether a pattern matches a channel. `*` alone matches plain channels only, `[*]*` all kinds. */
export function covers(pattern: string, channel: string): boolean {
  const { kind, segments } = split(pattern);
  const { kind: channelKind, segments: names } = splitChannel(channel);
  if (kind !== '*' && kind !== channelKind) return false;
  if (names.length < segments.length) return false;
  if (names.length > segments.length && segments.at(-1) !== '*') return false;
  return segments.every((segment, index) => segment === '*' || segment === names[index]);
}
