import { nothing, type SVGTemplateResult, svg } from 'lit-html';
import { spanText } from '../../client/duration-text.js';
import type { Era, Span, Unseen } from '../era.js';
import type { TokenLife } from '../token-lives.js';
import type { Model } from './model.js';
import type { Scale } from './scale.js';
import { dateText, timeText } from './time-text.js';

/** The positions of the lanes, px from the top. */
const AUTH = { y: 22, height: 20 };
const TOKENS = { y: 48, height: 16, rows: 2, gap: 3 };
const CONNECTION = { y: 92, height: 20 };
export const HEIGHT = 122;

/** The place for the names of the lanes, px. */
export const NAMES_PX = 82;

/** The lanes have so many places: what is shorter cannot be seen. */
const HAIRS = 1_500;

/** Shorter bars have no text, px. */
const NAMED_PX = 58;

/** The drawing of an era: the client, its tokens and its connection, over time. They end at the moment of the model. */
export function lanes(
  era: Era,
  scale: Scale,
  { cursor, now, silence }: Pick<Model, 'cursor' | 'now' | 'silence'>,
): SVGTemplateResult {
  const until = Math.max(now, era.lastAt);
  return svg`${axis(scale)} ${names()}
    ${spans(era.auth, scale, AUTH, 'value', until)}
    ${visibleTokens(era.tokens, scale).map((life) => token(life, scale, now))}
    ${spans(era.connection, scale, CONNECTION, 'connection', until)}
    ${visible(era.unseen, scale).map((one) => unseen(one, scale))}
    ${silence === undefined ? nothing : unseen(silence, scale)} ${present(scale, now, cursor !== null)}`;
}

function axis(scale: Scale): SVGTemplateResult[] {
  const text = scale.to - scale.from > 2 * 86_400_000 ? dateText : timeText;
  return scale.ticks(92).map((tick) => {
    const x = scale.x(tick);
    return svg`<g class="tick"><line x1=${x} x2=${x} y1="0" y2=${HEIGHT} /><text x=${x + 4} y="13">${text(tick)}</text></g>`;
  });
}

function names(): SVGTemplateResult {
  const name = (text: string, y: number) => svg`<text x="0" y=${y}>${text}</text>`;
  return svg`<g class="lane-names" aria-hidden="true">
    <rect x="0" y="0" width=${NAMES_PX - 6} height=${HEIGHT} />
    ${name('client', AUTH.y + 14)} ${name('tokens', TOKENS.y + 13)} ${name('connection', CONNECTION.y + 14)}
  </g>`;
}

interface Lane {
  readonly y: number;
  readonly height: number;
}

function spans<T extends string>(
  all: readonly Span<T>[],
  scale: Scale,
  { y, height }: Lane,
  attribute: 'value' | 'connection',
  until: number,
): SVGTemplateResult[] {
  return visible(all, scale).map(({ what, from, to, tries }) => {
    const x = Math.max(scale.left, scale.near(from));
    const wide = Math.max(1.5, scale.near(to ?? until) - x);
    const failed = tries.length === 0 ? '' : `, failed tries: ${tries.length}`;
    const label =
      wide < NAMED_PX ? nothing : svg`<text x=${x + 7} y=${y + 14}>${what}${wide > 150 ? failed : ''}</text>`;
    return svg`<g class="span" data-value=${attribute === 'value' ? what : nothing}
      data-connection=${attribute === 'connection' ? what : nothing} data-tries=${tries.length}>
      <title>${what}, ${timeText(from)}${to === null ? '' : ` to ${timeText(to)}`}${failed}</title>
      <rect x=${x} y=${y} width=${wide} height=${height} rx="4" />${ticks(tries, scale, y + height)}${label}</g>`;
  });
}

/** The failed tries of a period, under its bar. */
function ticks(tries: readonly number[], scale: Scale, y: number): SVGTemplateResult | typeof nothing {
  const shown = tries.map((at) => scale.x(at)).filter((x) => x >= scale.left && x <= scale.right);
  if (shown.length === 0) return nothing;
  const path = shown.map((x) => `M${x.toFixed(1)} ${y - 6}v9`).join('');
  return svg`<path class="tries" d=${path} />`;
}

/** The visible spans. Of many very short ones only some are drawn. */
function visible<T extends Unseen | Span<string>>(all: readonly T[], { from, to }: Scale): T[] {
  const hair = (to - from) / HAIRS;
  let lastEnd = Number.NEGATIVE_INFINITY;
  return all.filter((one) => {
    const end = one.to ?? Number.POSITIVE_INFINITY;
    if (end < from || one.from > to || end < lastEnd + hair) return false;
    lastEnd = end;
    return true;
  });
}

/** Of many tokens that begin at one place of a row only the newest is drawn. */
function visibleTokens(all: readonly TokenLife[], { from, to }: Scale): TokenLife[] {
  const places = new Map<number, TokenLife>();
  for (const life of all) {
    const place = Math.floor((Math.max(0, life.receivedAt - from) / (to - from)) * HAIRS);
    const isOver = life.endedAt !== null && Math.max(life.endedAt, life.diesAt ?? 0) < from;
    if (place <= HAIRS && !isOver) places.set(place * TOKENS.rows + (life.number % TOKENS.rows), life);
  }
  return [...places.values()];
}

/**
 * A token: light until its expiry, full while it is the current one, striped while the client fetches the
 * next one.
 */
function token(life: TokenLife, scale: Scale, now: number): SVGTemplateResult | typeof nothing {
  const { number, receivedAt, renewAt, diesAt, endedAt, overlapFrom, end } = life;
  const until = endedAt ?? now;
  const lives = Math.max(diesAt ?? until, until);
  const place = (at: number) => Math.max(scale.left, scale.near(at));
  const [x, used, dead] = [place(receivedAt), place(until), place(end === 'refused' ? until : lives)];
  const isOutside = lives < scale.from || receivedAt > scale.to;
  if (isOutside || (dead - x < 0.5 && number % 4 !== 0)) return nothing;
  const y = TOKENS.y + ((number - 1) % TOKENS.rows) * (TOKENS.height + TOKENS.gap);
  const { height } = TOKENS;
  const overlap = overlapFrom === null ? undefined : place(overlapFrom);
  return svg`<g class="token" data-token=${number} data-end=${end ?? 'in use'}>
    <title>${describe(life)}</title>
    <rect class="life" x=${x} y=${y} width=${Math.max(1, dead - x)} height=${height} rx="4" />
    <rect class="used" x=${x} y=${y} width=${Math.max(1, used - x)} height=${height} rx="4" />
    ${overlap === undefined ? nothing : svg`<rect class="overlap" x=${overlap} y=${y} width=${Math.max(1, used - overlap)} height=${height} />`}
    ${renewAt === null || endedAt !== null ? nothing : svg`<line class="renewal" x1=${place(renewAt)} x2=${place(renewAt)} y1=${y - 2} y2=${y + height + 2} />`}
    ${end === 'refused' || end === 'died' ? svg`<path class="death" d="M${used - 4} ${y + 4}l8 8m0 -8l-8 8" />` : nothing}
    ${used - x < NAMED_PX ? nothing : svg`<text x=${x + 7} y=${y + 12}>token ${number}</text>`}
  </g>`;
}

/** A token in words. */
export function describe({ number, clientId, receivedAt, diesAt, endedAt, end }: TokenLife): string {
  const who = clientId === null ? '' : ` for ${clientId}`;
  const lives = diesAt === null ? 'no known expiry' : `lives for ${spanText(diesAt - receivedAt)}`;
  const until = endedAt === null ? 'in use' : `in use until ${timeText(endedAt)}: ${end}`;
  return `token ${number}${who}: received ${timeText(receivedAt)}, ${lives}, ${until}`;
}

/** A sleep: what the lanes would show there was not seen. */
function unseen({ from, to }: Unseen, scale: Scale): SVGTemplateResult {
  const x = Math.max(scale.left, scale.near(from));
  const wide = Math.max(3, scale.near(to) - x);
  const text = `asleep for ${spanText(to - from)}: nothing was seen`;
  const [y, height] = [AUTH.y - 2, HEIGHT - AUTH.y];
  return svg`<g class="unseen"><title>${text}</title>
    <rect class="unseen-paper" x=${x} y=${y} width=${wide} height=${height} />
    <rect class="unseen-lines" x=${x} y=${y} width=${wide} height=${height} fill="url(#unseen)" />
    ${wide < 250 ? nothing : svg`<text x=${x + 8} y=${AUTH.y + 14}>${text}</text>`}
  </g>`;
}

function present(scale: Scale, now: number, isPast: boolean): SVGTemplateResult | typeof nothing {
  const x = scale.x(now);
  if (x < scale.left || x > scale.right) return nothing;
  return svg`<g class=${isPast ? 'present past' : 'present'}>
    <line x1=${x} x2=${x} y1="0" y2=${HEIGHT} /></g>`;
}
