import { redacted } from '../redaction/value.js';

/** Fields that hold a part of the chart by its name, so that names are no fields. */
const NAMED_PARTS = new Set(['states', 'on', 'after']);

/** Fields that say how the chart is made. Whatever else there is may come from a run: it is redacted. */
const PARTS = new Set([
  ...['id', 'key', 'initial', 'type', 'target', 'history', 'reenter', 'version', 'systemId', 'src'],
  ...['guard', 'entry', 'exit', 'actions', 'always', 'invoke', 'onDone', 'onError', 'onSnapshot'],
]);

/** No chart is so deep. */
const DEEPEST = 60;

/**
 * A machine's definition, to be drawn: its states, events and the names of what they do. Functions have no
 * place in it, and neither has the context a machine begins with.
 */
export function definitionOf(config: unknown): unknown {
  return copyPart(config, false, 0);
}

function copyPart(part: unknown, areNames: boolean, depth: number): unknown {
  if (typeof part === 'function' || typeof part === 'symbol' || depth > DEEPEST) return undefined;
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((item) => copyPart(item, false, depth + 1)).filter(isThere);
  if (Object.getPrototypeOf(part) !== Object.prototype) return undefined;
  const fields = Object.entries(part).map(([name, value]) => [name, copyField(name, value, areNames, depth)]);
  return Object.fromEntries(fields.filter(([, value]) => isThere(value)));
}

function copyField(name: string, value: unknown, isName: boolean, depth: number): unknown {
  if (isName || PARTS.has(name)) return copyPart(value, false, depth + 1);
  if (NAMED_PARTS.has(name)) return copyPart(value, true, depth + 1);
  if (name === 'context') return undefined;
  // Under its name: that may be what tells that it is a secret.
  return Object.values(redacted({ [name]: value }) as object)[0];
}

/** A transition that was taken, as what it says of itself. */
export function transitionOf(transition: unknown): unknown {
  const { eventType, source, target, guard, actions, reenter } = (transition ?? {}) as Record<
    string,
    unknown
  >;
  const targets = Array.isArray(target) ? target : undefined;
  return {
    eventType,
    source: stateOf(source),
    ...(targets === undefined ? {} : { target: targets.map(stateOf) }),
    ...(guard === undefined ? {} : { guard: copyPart(guard, false, 0) }),
    actions: copyPart(actions ?? [], false, 0),
    reenter,
  };
}

function stateOf(node: unknown): unknown {
  const { id, key } = (node ?? {}) as Record<string, unknown>;
  return { id, key };
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}
