/** A signal for a piece of work. It can be aborted until the work is done. */
export interface Abortable {
  readonly signal: AbortSignal;
  /** Aborts the signal with that reason. After {@link done} it does nothing. */
  abort(reason: unknown): void;
  /**
   * Ends the work: the signal does not abort any more. Browsers show a request as canceled if its signal aborts
   * after the response.
   */
  done(): void;
}

/** @param outer a signal that also aborts the new one */
export function abortable(outer?: AbortSignal): Abortable {
  const controller = new AbortController();
  const { signal } = controller;
  let isDone = false;
  const abort = (reason: unknown) => {
    if (isDone || signal.aborted) return;
    // Older versions of React Native take no reason.
    if (!('reason' in signal)) Object.defineProperty(signal, 'reason', { value: reason });
    controller.abort(reason);
  };
  const follow = () => abort(reasonOf(outer));
  if (outer?.aborted) follow();
  outer?.addEventListener('abort', follow, { once: true });
  return {
    signal,
    abort,
    done() {
      isDone = true;
      outer?.removeEventListener('abort', follow);
    },
  };
}

/** The reason of an aborted signal, also on platforms without `signal.reason`. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? Object.assign(new Error('This operation was aborted'), { name: 'AbortError' });
}

/** Throws the reason of the signal if it is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** The outcome of `promise`, or the signal's reason if the signal aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf(signal));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });
}
