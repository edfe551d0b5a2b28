import { afterEach, describe, expect, it } from 'vitest';
import { ErrorInfo } from '../../../src/index.js';
import { settle } from '../../../src/testing/index.js';
import { Documents, LIFE_MS } from '../../kit/documents.js';

let all: Documents | undefined;
afterEach(() => all?.dispose());

async function open(): Promise<Documents> {
  all = new Documents();
  await all.open(100, true);
  return all;
}

describe('a hundred documents over one source', () => {
  it('documents that open at the same time ask the source once', async () => {
    const { calls, states } = await open();
    expect([calls, states]).toEqual([1, ['connected']]);
  });

  it('in an hour the source is asked about once a token, and no document has an expired token', async () => {
    const documents = await open();
    for (let minute = 0; minute < 60; minute += 1) {
      await documents.clock.advance(60_000);
      expect([documents.expired, documents.states]).toEqual([0, ['connected']]);
    }
    expect(documents.calls).toBeGreaterThanOrEqual(3_600_000 / LIFE_MS);
    expect(documents.calls).toBeLessThanOrEqual(2 * (3_600_000 / LIFE_MS));
    expect(documents.deadTokens).toBe(0);
  });

  it('documents whose token is refused at the same time get one new token', async () => {
    const documents = await open();
    const error = new ErrorInfo({ code: 40142, statusCode: 401, message: 'refused' });
    for (const { connection } of documents.documents) connection.report({ type: 'token.refused', error });
    await settle(50);
    await documents.clock.advance(1_000);
    expect(documents.calls).toBe(2);
    expect(new Set(documents.documents.map(({ auth }) => auth.tokenDetails?.token))).toEqual(
      new Set(['token-2']),
    );
  });

  it('a source that is down for a minute is not asked for each document', async () => {
    const documents = await open();
    await documents.clock.advance(180_000);
    const before = documents.calls;
    documents.isDown = true;
    await documents.clock.advance(60_000);
    documents.isDown = false;
    await documents.clock.advance(60_000);
    expect(documents.calls - before).toBeLessThan(20);
    expect([documents.expired, documents.states, documents.deadTokens]).toEqual([0, ['connected'], 0]);
  });

  it('a document that closes leaves the others as they are', async () => {
    const documents = await open();
    documents.documents[0]?.auth.dispose();
    await documents.clock.advance(600_000);
    expect(documents.documents.slice(1).every(({ connection }) => connection.state === 'connected')).toBe(
      true,
    );
    expect(documents.documents[0]?.connection.attached).toBe(false);
  });
});
