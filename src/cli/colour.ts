/** What a piece of text says. */
export type Style = 'good' | 'bad' | 'busy' | 'warning' | 'dim' | 'strong';

/** A text in the colour of a style, or as it is. */
export type Paint = (style: Style, text: string) => string;

/** For outputs without colours. */
export const plain: Paint = (_style, text) => text;

/** The 16 colours of each terminal: its user has chosen them for its background. */
const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  good: [32, 39],
  bad: [31, 39],
  busy: [36, 39],
  warning: [33, 39],
  dim: [2, 22],
  strong: [1, 22],
};

const inColour: Paint = (style, text) => {
  const [on, off] = codes[style];
  return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
};

/**
 * Colours if the output is a terminal that has them. `FORCE_COLOR` switches them on, or off with `0` or `false`;
 * else `NO_COLOR` and `TERM=dumb` switch them off.
 *
 * @see https://no-color.org
 */
export function paintFor(
  output: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: term } = env;
  if (forced !== undefined) return /^(0|false)$/.test(forced) ? plain : inColour;
  const isOff = (none !== undefined && none !== '') || term === 'dumb';
  return output.isTTY === true && !isOff ? inColour : plain;
}
