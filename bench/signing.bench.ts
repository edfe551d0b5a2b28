import { createHmac } from 'node:crypto';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hmacSigner as nobleSigner } from '../src/signing/hmac.noble.js';
import { hmacSigner as nodeSigner } from '../src/signing/hmac.node.js';
import type { Measure } from './measure.js';
import { direct, race } from './race.js';

const SECRET = 'a-secret-as-long-as-those-of-ably-are-43-chr';
const TEXT =
  'app.key\n3600000\n{"chat:*":["publish","subscribe"],"news":["subscribe"]}\nada\n1764000000000\n0123456789abcdef\n';

/** HMACs with Base64, compared with the same without anything kept between two calls. */
export async function signing(): Promise<Measure[]> {
  const node = nodeSigner(SECRET);
  const noble = nobleSigner(SECRET);
  const plainNode = () => createHmac('sha256', SECRET).update(TEXT).digest('base64');
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  const plainNoble = () => btoa(String.fromCharCode(...hmac(sha256, bytesOf(SECRET), bytesOf(TEXT))));
  const macs = new Set([node(TEXT), noble(TEXT), plainNode(), plainNoble()]);
  if (macs.size !== 1) throw new Error('the signers disagree: there is nothing to compare');
  return [
    await race({
      name: 'HMAC, Node',
      latchkey: direct(() => node(TEXT)),
      other: direct(plainNode),
      against: 'createHmac per call (as ably does)',
    }),
    await race({
      name: 'HMAC, browser',
      latchkey: direct(() => noble(TEXT)),
      other: direct(plainNoble),
      against: '@noble/hashes, key anew per call',
    }),
  ];
}
