import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { IncomingBody } from '../../../src/server/incoming-body.node.js';

const request = (complete: boolean, httpVersionMajor: number, headers: IncomingMessage['headers']) =>
  ({ complete, httpVersionMajor, headers }) as IncomingMessage;

describe('the body of a request that was not read to its end', () => {
  it.each([
    ['is there with a length', request(false, 1, { 'content-length': '1' }), true],
    ['is there in chunks', request(false, 1, { 'transfer-encoding': 'chunked' }), true],
    ['may be there over HTTP/2, which needs no header for it', request(false, 2, {}), true],
    ['is not there without a header over HTTP/1', request(false, 1, {}), false],
    ['is not there with the length 0', request(false, 1, { 'content-length': '0' }), false],
    ['is not there once the request is complete', request(true, 2, { 'content-length': '1' }), false],
  ])('%s', (_what, incoming, isIn) => {
    expect(IncomingBody.isIn(incoming)).toBe(isIn);
  });
});
