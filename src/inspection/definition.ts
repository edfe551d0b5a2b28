import { redacted } from '../redaction/value.js';

/** Fields whose own fields are names, such as those of states and events. */
const NAMED_PARTS = new Set(['states', 'on', 'after']);

/** Fields that describe the chart. Other fields may come from a run, so they are redacted. */
const PARTS = new Set([
  ...['id', 'key', 'initial', 'type', 'target', 'history', 'reenter', 'version', 'systemId', 'src'],
  ...['guard', 'entry', 'exit', 'actions', 'always', 'invoke', 'onDone', 'onError', 'onSnapshot'],
]);

/** The deepest nesting: no chart is so deep. */
const DEEPEST = 60;

/**
 * A copy of a machine's definition, to draw it: its states, events, and the names of actions and guards. It
 * has no functions, and not the initial context.
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
  // The value is redacted under its name, because a name can mark a secret.
  return Object.values(redacted({ [name]: value }) as object)[0];
}

/** The description of a transition that was taken. */
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
