import { ErrorInfo } from '../errors/error-info.js';
import { type Capability, canonicalCapability } from './capability.js';

/** An operation on a channel, or on all channels of a pattern. */
export interface Permission {
  readonly resource: string;
  readonly operation: string;
}

/**
 * Parses the rights that an app requires. @throws {ErrorInfo} 40003 if it is not a capability, or names no
 * operation
 */
export function parseNeeds(capability: string | Capability): Capability {
  const needs = parseCapability(capability);
  const operations = Object.values(needs);
  if (operations.length > 0 && operations.every(({ length }) => length > 0)) return needs;
  throw new ErrorInfo({
    code: 40003,
    message: `capability ${operations.length === 0 ? 'names no channel' : 'names a channel without an operation'}`,
  });
}

/** Parses a capability. @throws {ErrorInfo} 40003 if it is invalid */
export function parseCapability(capability: string | Capability): Capability {
  return JSON.parse(canonicalCapability(capability)) as Capability;
}

/** The permissions in `needed` that `granted` does not cover, by Ably's rules for patterns. */
export function lackingIn(granted: Capability, needed: Capability): readonly Permission[] {
  const rights = Object.entries(granted).map(([name, operations]) => [split(name), operations] as const);
  return Object.entries(needed).flatMap(([resource, operations]) => {
    const channel = split(resource);
    const allowed = new Set(rights.flatMap(([pattern, all]) => (covers(pattern, channel) ? all : [])));
    return operations
      .filter((operation) => !allowed.has('*') && !allowed.has(operation))
      .map((operation) => ({ resource, operation }));
  });
}

/** `base` with the permissions of `more` that it does not cover. */
export function mergeCapabilities(base: Capability, more: Capability): Capability {
  const merged = new Map(Object.entries(base));
  for (const { resource, operation } of lackingIn(base, more)) {
    const all = new Set([...(merged.get(resource) ?? []), operation]);
    // The service accepts `*` only as the single operation of a channel.
    merged.set(resource, all.has('*') ? ['*'] : [...all]);
  }
  return Object.fromEntries(merged);
}

type Pattern = readonly [kind: string, segments: readonly string[]];

/** Whether `pattern` matches every channel that `other` matches. */
function covers([kind, segments]: Pattern, [otherKind, others]: Pattern): boolean {
  return (kind === '*' || kind === otherKind) && coversSegments(segments, others);
}

/** A `*` matches one segment; as the last segment, one or more. */
function coversSegments(segments: readonly string[], others: readonly string[]): boolean {
  for (const [at, segment] of segments.entries()) {
    const other = others[at];
    if (other === undefined) return false;
    const isLast = at === segments.length - 1;
    if (segment === '*' && isLast) return true;
    if (other === '*' && at === others.length - 1) return false;
    if (segment !== '*' && segment !== other) return false;
  }
  return segments.length === others.length;
}

/**
 * `[queue]` and `[meta]` are separate kinds of channels, which `*` does not match; `[*]` matches every kind.
 */
function split(pattern: string): Pattern {
  const [, kind = '', rest = pattern] = /^\[([^\]]+)\](.*)$/s.exec(pattern) ?? [];
  return [kind, rest.split(':')];
}
