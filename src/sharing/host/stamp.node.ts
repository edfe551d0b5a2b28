import { uptime } from 'node:os';
import { systemClock } from '../../clock.js';
import { fieldOf, parseJson } from '../../redaction/received.js';

/** A file with the time of writing. */
export interface Stamped {
  /** undefined: it cannot be read. */
  readonly content: unknown;
  /** How long ago it was written, ms. */
  readonly ageMs: number;
  /** How long it counts, ms; negative: its life is over. -Infinity: its age is not known. */
  readonly leftMs: number;
}

/** A file counts if it is not further in the future than this, ms: clocks are corrected all the time. */
const SLACK_MS = 1_000;

export const stamped = (content: object, lifeMs: number): string =>
  JSON.stringify({ at: systemClock.now(), uptimeMs: uptimeMs(), lifeMs, ...content });

/**
 * A file that {@link stamped} made. The wall clock can be set back, which makes a file younger than it is. The time since
 * the start of the machine cannot, but starts anew. So the greater age counts.
 */
export function readStamped(text: string | null): Stamped {
  const content = contentOf(text);
  const [at = 0, since = 0, lifeMs = 0] = ['at', 'uptimeMs', 'lifeMs'].map((name) =>
    Number(fieldOf(content, name)),
  );
  const passed = systemClock.now() - at;
  const ageMs = Math.max(0, passed, uptimeMs() - since);
  const isKnown = passed >= -SLACK_MS && Number.isFinite(ageMs) && Number.isFinite(lifeMs);
  return isKnown
    ? { content, ageMs, leftMs: lifeMs - ageMs }
    : { content, ageMs: 0, leftMs: Number.NEGATIVE_INFINITY };
}

function contentOf(text: string | null): unknown {
  try {
    return parseJson(text ?? '');
  } catch {
    return undefined;
  }
}

function uptimeMs(): number {
  try {
    return Math.round(uptime() * 1_000);
  } catch {
    // Some sandboxes do not tell.
    return 0;
  }
}
