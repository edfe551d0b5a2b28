/** What a drawing looks like in a browser. Lengths are in px of the screen. */
export interface Looks {
  /** The size of the smallest letters. */
  readonly smallestPx: number;
  /** Pairs of texts that overlap, texts on lines, and texts that leave their state or enter another. */
  readonly overlaps: readonly string[];
  /** The lowest contrast of a line and of a text with what is behind it. */
  readonly lineContrast: number;
  readonly textContrast: number;
  readonly texts: number;
}

/** Measures a drawing. It runs in the page, and uses nothing from outside. */
export function looksOf(svg: SVGSVGElement): Looks {
  interface Edges {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  }
  const share = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const sizeOf = (text: Element) => Number.parseFloat(getComputedStyle(text).fontSize) * share;

  /** The letters: without the space above and below that a font has. */
  const inked = (text: Element): Edges => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const spare = Math.max(0, (bottom - top - sizeOf(text) * 0.95) / 2);
    return { left, right, top: top + spare, bottom: bottom - spare };
  };
  const meet = (a: Edges, b: Edges) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const within = (a: Edges, b: Edges) =>
    a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
  const on = ({ x, y }: DOMPoint, a: Edges) => x > a.left && x < a.right && y > a.top && y < a.bottom;

  const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent !== '');
  const named = (text: Element) => `"${text.textContent?.trim()}"`;
  const overlaps: string[] = [];
  const inks = new Map(texts.map((text) => [text, inked(text)]));
  for (const line of svg.querySelectorAll<SVGPathElement>('.line, .head')) {
    const matrix = line.getScreenCTM() ?? new DOMMatrix();
    const points: DOMPoint[] = [];
    for (let at = 0; at <= line.getTotalLength(); at += 2)
      points.push(DOMPoint.fromPoint(line.getPointAtLength(at)).matrixTransform(matrix));
    for (const [text, ink] of inks)
      if (points.some((point) => on(point, ink)))
        overlaps.push(`${named(text)} on the line ${line.parentElement?.dataset.edge ?? 'of the start'}`);
  }
  texts.forEach((text, index) => {
    for (const other of texts.slice(index + 1))
      if (meet(inked(text), inked(other))) overlaps.push(`${named(text)} on ${named(other)}`);
    for (const box of svg.querySelectorAll('.box')) {
      const isOwn = box.parentElement?.contains(text) === true;
      const edges = box.getBoundingClientRect();
      if (isOwn ? !within(inked(text), edges) : meet(inked(text), edges))
        overlaps.push(`${named(text)} at the edge of ${(box.parentElement as HTMLElement).dataset.id}`);
    }
  });

  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const light = (colour: string): number => {
    if (canvas === null) return 0;
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one: string, other: string): number => {
    const [a, b] = [light(one), light(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  /** The colour behind an element: of its state, of the picture, or of the page. */
  const behind = (element: Element): string => {
    const box = element.closest('.node:not(tspan)')?.querySelector('.box');
    const card = box ?? svg.querySelector('.card');
    if (card) return getComputedStyle(card).fill;
    for (let at: Element | null = svg; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
    }
    return 'white';
  };
  const ground = behind(svg);
  const strokes = [...svg.querySelectorAll('.line, .box')].map((one) =>
    contrast(getComputedStyle(one).stroke, ground),
  );
  const heads = [...svg.querySelectorAll('.head, .dot')].map((one) =>
    contrast(getComputedStyle(one).fill, ground),
  );
  return {
    smallestPx: Math.min(...texts.map(sizeOf)),
    overlaps,
    lineContrast: Math.min(...strokes, ...heads),
    textContrast: Math.min(...texts.map((one) => contrast(getComputedStyle(one).fill, behind(one)))),
    texts: texts.length,
  };
}
