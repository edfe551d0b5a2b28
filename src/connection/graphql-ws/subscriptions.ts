import type { ErrorInfo } from '../../errors/error-info.js';
import type { GraphqlWsClient, GraphqlWsSink } from './client.js';

type Operation = Parameters<GraphqlWsClient['subscribe']>[0];

/** The running operations of an app. They can be ended although the client waits for a token. */
export class Subscriptions {
  readonly #running = new Map<GraphqlWsSink, () => void>();

  /** @returns ends the operation */
  start(client: GraphqlWsClient, operation: Operation, sink: GraphqlWsSink): () => void {
    const ended = () => this.#running.delete(guarded);
    const guarded: GraphqlWsSink = {
      next: (value) => this.#running.has(guarded) && sink.next(value),
      error: (error) => ended() && sink.error(error),
      complete: () => ended() && sink.complete(),
    };
    this.#running.set(guarded, () => {});
    const stop = client.subscribe(operation, guarded);
    if (this.#running.has(guarded)) this.#running.set(guarded, stop);
    return () => {
      stop();
      // A client that waits would complete it later.
      guarded.complete();
    };
  }

  /** Nothing follows. @param error null: they are complete. @throws what a sink of the app throws, after all have ended */
  end(error: ErrorInfo | null): void {
    const thrown: unknown[] = [];
    for (const [sink, stop] of [...this.#running]) {
      stop();
      try {
        if (error === null) sink.complete();
        else sink.error(error);
      } catch (reason) {
        thrown.push(reason);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}

/** The results of an operation, one after the other, as `iterate()` of the client gives them. */
export function iterate<Result>(subscribe: (sink: GraphqlWsSink<Result>) => () => void) {
  const values: Result[] = [];
  const ends: { readonly error?: unknown }[] = [];
  let wake = () => {};
  const finish = (how: { readonly error?: unknown }) => {
    ends.push(how);
    wake();
  };
  const stop = subscribe({
    next: (value) => {
      values.push(value);
      wake();
    },
    error: (error) => finish({ error }),
    complete: () => finish({}),
  });
  const iterator = (async function* () {
    for (;;) {
      yield* values.splice(0);
      // They came while the consumer was busy.
      if (values.length > 0) continue;
      const [end] = ends;
      if (end !== undefined && 'error' in end) throw end.error;
      if (end !== undefined) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  })();
  // Otherwise it would end after the next result only.
  const leave = iterator.return.bind(iterator);
  iterator.return = (value) => {
    stop();
    return leave(value);
  };
  return iterator;
}
