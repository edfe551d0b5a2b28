import * as v from 'valibot';
import { AUTH_STATES } from '../client/auth-state.js';
import { CONTROL_GROUPS, CONTROL_NAME, MOST_CONTROLS } from './control-checks.js';
import type { ChartState, StudioMessage } from './messages.js';
import type { Recording } from './recording.js';

/** The fields that the page relies on, in messages and recordings. All other fields are kept, redacted. */
const text = v.string();
const texts = v.array(text);

/** The page draws all charts: more would take too long. */
const MOST_CHARTS = 50;
const MOST_STATES = 5_000;
const MOST_EDGES = 5_000;

/** Every client has some controls besides those of its program. */
const MOST_COMMON = 20;

/** Half of the range of a Date, so that the sum of a moment and an offset can still be drawn. */
const LATEST = 4.32e15;
const moment = v.pipe(v.number(), v.minValue(-LATEST), v.maxValue(LATEST));

/**
 * A number of ms for calculations. It may be as large as a number is exact: some tokens expire in the year
 * 287396.
 */
const span = v.pipe(v.number(), v.minValue(Number.MIN_SAFE_INTEGER), v.maxValue(Number.MAX_SAFE_INTEGER));
const offset = v.nullish(span);

const state: v.GenericSchema<ChartState> = v.object({
  id: text,
  name: text,
  isInitial: v.boolean(),
  states: v.array(v.lazy(() => state)),
});

const edge = v.object({
  id: text,
  source: text,
  target: text,
  events: texts,
  conditions: texts,
  places: v.optional(v.array(v.number())),
});

/** A chart whose edges have a source and a target: others cannot be laid out. */
const chart = v.pipe(
  v.object({
    name: text,
    states: v.array(state),
    edges: v.pipe(v.array(edge), v.maxLength(MOST_EDGES, 'too many ways')),
    fromAnywhere: v.pipe(
      v.array(v.object({ event: text, target: text, guard: v.optional(text) })),
      v.maxLength(MOST_EDGES, 'too many ways'),
    ),
  }),
  v.check(({ states }) => idsOf(states).length <= MOST_STATES, 'too many states'),
  v.check(({ states }) => areDistinct(idsOf(states)), 'two states have the same id'),
  v.check(({ edges }) => areDistinct(edges.map(({ id }) => id)), 'two edges have the same id'),
  v.check(({ states, edges }) => {
    const ids = new Set(idsOf(states));
    return edges.every(({ source, target }) => ids.has(source) && ids.has(target));
  }, 'an edge leads to an unknown state'),
);

const charts = v.pipe(
  v.array(chart),
  v.maxLength(MOST_CHARTS, 'too many charts'),
  v.check((all) => areDistinct(all.map(({ name }) => name)), 'two charts have the same name'),
);

const control = v.object({
  name: v.pipe(text, v.regex(CONTROL_NAME)),
  label: text,
  hint: text,
  group: v.picklist(CONTROL_GROUPS),
});

const controls = v.pipe(v.array(control), v.maxLength(MOST_COMMON + MOST_CONTROLS, 'too many controls'));

const session = v.object({ id: v.optional(text), title: text, charts, controls });

const decision = v.looseObject({
  value: v.picklist(AUTH_STATES),
  rule: text,
  at: moment,
  now: moment,
  attempts: v.number(),
  acquisitions: v.number(),
  next: v.optional(v.object({ step: v.picklist(['renew', 'retry', 'expire']), at: span })),
  error: v.nullable(
    v.looseObject({ code: v.number(), message: text, remediation: v.nullish(text), retryAfterMs: offset }),
  ),
  token: v.nullable(
    v.looseObject({
      capability: v.nullish(text),
      clientId: v.nullish(text),
      receivedInMs: moment,
      renewInMs: offset,
      diesInMs: offset,
    }),
  ),
});

const when = v.nullish(moment);

const connection = v.object({
  state: text,
  id: v.nullable(text),
  address: v.nullish(text),
  error: v.nullish(v.object({ code: v.number(), message: text })),
  tries: v.optional(v.number()),
  nextTryAt: when,
  forgottenAt: when,
});

const trouble = v.object({
  code: v.number(),
  message: text,
  reason: text,
  causes: texts,
  address: v.nullable(text),
  remediation: v.nullable(text),
  href: v.nullable(text),
});

const about = v.picklist(['token', 'connection', 'hand', 'service']);

const view = v.object({
  decision,
  active: v.record(text, texts),
  may: texts,
  clientId: v.nullable(text),
  connection: v.nullable(connection),
  source: v.optional(text),
  acquired: v.nullish(
    v.object({
      at: moment,
      reason: text,
      why: v.optional(text),
      attempt: v.number(),
      stepsMs: v.record(text, span),
    }),
  ),
  isSpread: v.optional(v.boolean()),
  on: texts,
  rate: v.pipe(v.number(), v.minValue(0), v.maxValue(1e6)),
});

const numbered = { n: v.pipe(v.number(), v.safeInteger()), at: moment };

const entry = v.variant('kind', [
  v.object({
    ...numbered,
    kind: v.literal('view'),
    view,
    earlier: v.optional(v.object({ at: moment, about, title: text, trouble })),
  }),
  v.object({
    ...numbered,
    kind: v.literal('step'),
    step: v.object({ machine: text, event: text, edges: texts }),
  }),
  v.object({
    ...numbered,
    kind: v.literal('told'),
    about,
    tone: v.picklist(['calm', 'good', 'busy', 'bad']),
    title: text,
    detail: text,
    trouble: v.optional(trouble),
    unseenMs: v.optional(v.pipe(span, v.minValue(0))),
    claims: v.optional(v.array(v.object({ name: text, text }))),
  }),
]);

/** Entries are found by number, so numbers must increase by 1. */
const entries = v.pipe(
  v.array(entry),
  v.check((all) => all.every(({ n }, index) => n === (all[0]?.n ?? 0) + index), 'entries are missing'),
);

const count = v.pipe(v.number(), v.safeInteger());

const frames = v.array(
  v.object({ at: moment, after: count, isSent: v.boolean(), action: count, size: v.number() }),
);

const message = v.variant('type', [
  v.object({ type: v.literal('hello'), now: moment, session, entries, frames: v.optional(frames) }),
  v.object({ type: v.literal('entry'), entry }),
  v.object({ type: v.literal('frames'), frames }),
  v.object({ type: v.literal('gone') }),
]);

const recording = v.object({ session, entries, frames: v.optional(frames) });

/** Checks a message. @returns the message, or its error */
export function messageIn(value: unknown): StudioMessage | string {
  const { success, output, issues } = v.safeParse(message, value, { abortEarly: true });
  return success ? (output as StudioMessage) : faultOf(issues[0], 'the message');
}

/** Checks a recording. @returns its two parts, or its error */
export function recordingIn(value: unknown): Recording | string {
  const { success, output, issues } = v.safeParse(recording, value, { abortEarly: true });
  if (success) return output as Recording;
  return faultOf(issues[0], 'the file');
}

function idsOf(states: readonly ChartState[]): string[] {
  return states.flatMap(({ id, states: inner }) => [id, ...idsOf(inner)]);
}

function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

function faultOf(issue: v.GenericIssue, whole: string): string {
  return `${v.getDotPath(issue) ?? whole}: ${issue.message}`;
}
