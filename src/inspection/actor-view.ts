import { redacted } from '../redaction/value.js';
import { definitionOf } from './definition.js';

/** What an inspector receives of an actor: values to read, and no method that changes the actor. */
export interface ActorView {
  readonly id: string;
  readonly sessionId: string;
  readonly systemId: string | undefined;
  readonly src: unknown;
  readonly logic: { readonly config: unknown; readonly id: unknown };
  readonly _parent: ActorView | undefined;
  getSnapshot(): unknown;
  toJSON(): { readonly id: string; readonly sessionId: string };
}

/** The fields that an actor may have. XState's types promise inspectors fewer than they get. */
interface Looked {
  readonly id?: string;
  readonly sessionId?: string;
  readonly systemId?: string;
  readonly src?: unknown;
  readonly logic?: { readonly config?: unknown; readonly id?: unknown };
  readonly _parent?: object;
  getSnapshot?(): unknown;
}

const views = new WeakMap<object, ActorView>();

/** The view of an actor, one for each actor: inspectors may compare actors by identity. */
export function viewOfActor(actor: object | undefined): ActorView | undefined {
  if (actor === undefined) return undefined;
  const known = views.get(actor);
  if (known !== undefined) return known;
  const view = makeView(actor as Looked);
  views.set(actor, view);
  return view;
}

function makeView(actor: Looked): ActorView {
  const { id = '', sessionId = '', src } = actor;
  return {
    id,
    sessionId,
    // XState reports an actor before it has registered the actor's systemId.
    get systemId() {
      return actor.systemId;
    },
    src: typeof src === 'string' ? src : undefined,
    logic: logicOf(actor.logic),
    _parent: viewOfActor(actor._parent),
    getSnapshot: () => viewOfSnapshot(snapshotOf(actor)),
    toJSON: () => ({ id, sessionId }),
  };
}

/**
 * The snapshot of an actor. XState reports an actor while it has no snapshot yet, and throws when asked for
 * one.
 */
function snapshotOf(actor: Looked): unknown {
  try {
    return actor.getSnapshot?.();
  } catch {
    return undefined;
  }
}

const shownLogics = new WeakMap<object, ActorView['logic']>();

/** The definition of a machine, copied once for all of its actors. */
function logicOf(logic: Looked['logic']): ActorView['logic'] {
  if (logic === undefined) return { config: undefined, id: undefined };
  const known = shownLogics.get(logic);
  if (known !== undefined) return known;
  const { id } = logic;
  const shown = Object.freeze({
    config: definitionOf(logic.config),
    id: typeof id === 'string' ? id : undefined,
  });
  shownLogics.set(logic, shown);
  return shown;
}

/** The parts of a snapshot that inspectors need, without XState's internals. */
export function viewOfSnapshot(snapshot: unknown): unknown {
  if (typeof snapshot !== 'object' || snapshot === null) return redacted(snapshot);
  const { status, value, context, children, tags, input, output, error } = snapshot as Record<
    string,
    unknown
  >;
  const parts = { status, value, context, children, tags, input, output, error };
  return redacted(Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)));
}
