import { type Answer, errorAnswer } from './answers.js';
import { errorOf, Fault } from './fault.js';

/** Counts of a batch, and what came of each of its items. @see BAR2 */
export interface BatchResult {
  readonly successCount: number;
  readonly failureCount: number;
  readonly results: readonly object[];
}

export function counted(results: readonly object[]): BatchResult {
  const failureCount = results.filter((one) => 'error' in one).length;
  return { successCount: results.length - failureCount, failureCount, results };
}

/**
 * The results with counts, from version 3 on. Before it a plain list, or an error if any item failed.
 * @see RSA17c
 */
export function batchAnswer(request: Request, results: readonly object[], status = 201): Answer {
  const batch = counted(results);
  if (hasCounts(request)) return { status, body: batch };
  if (batch.failureCount === 0) return { status, body: results };
  const answer = errorAnswer(new Fault('batched response includes errors').toWire());
  return { ...answer, body: { ...(answer.body as object), batchResponse: results } };
}

/** Whether the answers to a request have counts. */
export function hasCounts({ headers }: Request): boolean {
  return Number.parseInt(headers.get('x-ably-version') ?? '', 10) >= 3;
}

/** Does the work for one item of a batch; an error becomes its result. */
export function resultOf(channel: string, act: () => object): object {
  let result: object = {};
  const error = errorOf(() => {
    result = act();
  });
  return error === undefined ? result : { channel, error };
}
