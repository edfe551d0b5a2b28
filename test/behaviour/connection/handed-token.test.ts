import { expect, it } from 'vitest';
import { handedToken } from '../../../src/connection/ably-js/handed-token.js';
import { VirtualClock } from '../../../src/testing/index.js';

it.each([
  [true, 1_000, 6_000],
  [true, 9_000, 9_000],
  [false, 1_000, 1_000],
])(
  'the expiry that the SDK reads is a second ahead of its clock, if it compares the two: %s, %i ms',
  (isTimeOffsetSet, expires, shown) => {
    const sdk = { isTimeOffsetSet: () => isTimeOffsetSet, getTimestampUsingOffset: () => 5_000 };
    const handed = handedToken(
      () => sdk as never,
      () => new VirtualClock(),
    );
    handed.fill({ token: 'a token', expires });
    expect(handed.details.expires).toBe(shown);
  },
);
