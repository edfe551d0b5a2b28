/**
 * Whether bytes are exactly one complete MessagePack value of at most `deepest` levels. A decoder trusts the
 * sizes that it reads. This check counts them first, so that a few bytes cannot allocate much memory.
 */
export function isWellFormed(bytes: Uint8Array, deepest: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** The number of values that each open container still needs. */
  const open: number[] = [1];
  let at = 0;
  while (open.length > 0) {
    const left = (open.at(-1) as number) - 1;
    if (left < 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left;
    const head = headAt(view, at);
    if (head === undefined) return false;
    at += head.bytes;
    if (at > bytes.length || head.values > bytes.length - at) return false;
    if (head.values > 0 && open.push(head.values) > deepest) return false;
  }
  return at === bytes.length;
}

interface Head {
  /** The length of the value itself, without the values it contains. */
  readonly bytes: number;
  /** How many values it contains. */
  readonly values: number;
}

/** The number of bytes after the first one, for the types 0xc0 to 0xdf with a fixed length. */
const FIXED: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
  212: 2,
  213: 3,
  214: 5,
  215: 9,
  216: 17,
};

/** The types with a length field: the bytes of that field, and what it counts. */
const SIZED: Readonly<Record<number, readonly [bytes: 1 | 2 | 4, kind: 'bytes' | 'ext' | 'array' | 'map']>> =
  {
    196: [1, 'bytes'],
    197: [2, 'bytes'],
    198: [4, 'bytes'],
    199: [1, 'ext'],
    200: [2, 'ext'],
    201: [4, 'ext'],
    217: [1, 'bytes'],
    218: [2, 'bytes'],
    219: [4, 'bytes'],
    220: [2, 'array'],
    221: [4, 'array'],
    222: [2, 'map'],
    223: [4, 'map'],
  };

function headAt(view: DataView, at: number): Head | undefined {
  if (at >= view.byteLength) return undefined;
  const first = view.getUint8(at);
  if (first <= 0x7f || first >= 0xe0) return { bytes: 1, values: 0 };
  if (first <= 0x8f) return { bytes: 1, values: 2 * (first & 0x0f) };
  if (first <= 0x9f) return { bytes: 1, values: first & 0x0f };
  if (first <= 0xbf) return { bytes: 1 + (first & 0x1f), values: 0 };
  const fixed = FIXED[first];
  if (fixed !== undefined) return { bytes: 1 + fixed, values: 0 };
  const [width, kind] = SIZED[first] ?? [];
  if (width === undefined || at + 1 + width > view.byteLength) return undefined;
  const size = {
    1: () => view.getUint8(at + 1),
    2: () => view.getUint16(at + 1),
    4: () => view.getUint32(at + 1),
  };
  const length = size[width]();
  if (kind === 'array') return { bytes: 1 + width, values: length };
  if (kind === 'map') return { bytes: 1 + width, values: 2 * length };
  return { bytes: 1 + width + length + (kind === 'ext' ? 1 : 0), values: 0 };
}
