import type { Capabilities } from './capability.js';

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
    if ((operations.has('*') || operations.has(operation)) && covers(pattern, channel)) return true;
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

interface Pattern {
  /** `queue` or `meta`, say; none for a plain channel; in a capability, `*` for every kind. */
  readonly kind: string;
  readonly segments: readonly string[];
}

function split(pattern: string): Pattern {
  const [, kind = '', rest = pattern] = /^\[([^\]]*)\](.*)$/s.exec(pattern) ?? [];
  return { kind, segments: rest.split(':') };
}

/** A channel's name may carry parameters in its brackets, `[?rewind=1]chat`: they are no part of it. */
function splitChannel(channel: string): Pattern {
  const { kind, segments } = split(channel);
  return { kind: kind.split('?', 1)[0] ?? '', segments };
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

/** `*` alone covers plain channels only, `[*]*` every kind. */
function covers(pattern: string, channel: string): boolean {
  const { kind, segments } = split(pattern);
  const { kind: channelKind, segments: names } = splitChannel(channel);
  if (kind !== '*' && kind !== channelKind) return false;
  if (names.length < segments.length) return false;
  if (names.length > segments.length && segments.at(-1) !== '*') return false;
  return segments.every((segment, index) => segment === '*' || segment === names[index]);
}
