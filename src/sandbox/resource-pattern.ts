export interface Pattern {
  /** `queue` or `meta`, say; none for a plain channel; in a capability, `*` for every kind. */
  readonly kind: string;
  readonly segments: readonly string[];
}

export function split(pattern: string): Pattern {
  const [, kind = '', rest = pattern] = /^\[([^\]]+)\](.*)$/s.exec(pattern) ?? [];
  return { kind, segments: rest.split(':') };
}

/** A channel's name may carry parameters in its brackets, `[?rewind=1]chat`: they are no part of it. */
function splitChannel(channel: string): Pattern {
  const { kind, segments } = split(channel);
  return { kind: kind.split('?', 1)[0] ?? '', segments };
}

/** What both patterns match, as a pattern; undefined: nothing. */
export function intersectPatterns(left: Pattern, right: Pattern): string | undefined {
  if (left.kind !== right.kind && left.kind !== '*' && right.kind !== '*') return undefined;
  const kind = left.kind === '*' ? right.kind : left.kind;
  const segments = intersectSegments(left.segments, right.segments);
  if (segments === undefined) return undefined;
  const resource = `${kind === '' ? '' : `[${kind}]`}${segments.join(':')}`;
  // A plain channel has no brackets in front: what `*` and `[*][meta]log` share has no name, and is nothing.
  return split(resource).kind === kind ? resource : undefined;
}

/** A `*` stands for one segment, the last one for one or more. */
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

/** Whether every channel that `narrow` matches is matched by `wide` too. */
export function coversPattern(wide: string, narrow: string): boolean {
  return intersectPatterns(split(wide), split(narrow)) === narrow;
}

/** Whether a pattern matches a channel. `*` alone covers plain channels only, `[*]*` every kind. */
export function covers(pattern: string, channel: string): boolean {
  const { kind, segments } = split(pattern);
  const { kind: channelKind, segments: names } = splitChannel(channel);
  if (kind !== '*' && kind !== channelKind) return false;
  if (names.length < segments.length) return false;
  if (names.length > segments.length && segments.at(-1) !== '*') return false;
  return segments.every((segment, index) => segment === '*' || segment === names[index]);
}
