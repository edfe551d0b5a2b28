import { redacted } from './redacted.js';

/** What an inspector sees of an actor. It can be looked at, and nothing can be done with it. */
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

/** What there may be of an actor: XState's types promise inspectors less than they get. */
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

/** The one view of an actor: inspectors may tell actors by their identity. */
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
    // XState tells of an actor before it has entered it by this name.
    get systemId() {
      return actor.systemId;
    },
    src: typeof src === 'string' ? src : undefined,
    // A machine's definition is the same for every client, and holds no secret.
    logic: { config: actor.logic?.config, id: actor.logic?.id },
    _parent: viewOfActor(actor._parent),
    getSnapshot: () => viewOfSnapshot(actor.getSnapshot?.()),
    toJSON: () => ({ id, sessionId }),
  };
}

/** The parts of a snapshot that tell something; XState's own machinery is none of them. */
export function viewOfSnapshot(snapshot: unknown): unknown {
  if (typeof snapshot !== 'object' || snapshot === null) return redacted(snapshot);
  const { status, value, context, children, tags, input, output, error } = snapshot as Record<
    string,
    unknown
  >;
  const parts = { status, value, context, children, tags, input, output, error };
  return redacted(Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)));
}
