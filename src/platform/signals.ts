/** What can be aborted until it is done. */
export interface Abortable {
  readonly signal: AbortSignal;
  /** Aborts what is unfinished, for that reason; nothing after {@link done}. */
  abort(reason: unknown): void;
  /**
   * The work is over: its signal aborts no more, and follows no other. Browsers show a request whose signal
   * aborts after the answer as canceled.
   */
  done(): void;
}

/** @param outer is followed: what aborts it aborts this */
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

/** Why it aborted, also where the platform does not tell. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? Object.assign(new Error('This operation was aborted'), { name: 'AbortError' });
}

/** Throws the reason of a signal that aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** The same outcome, unless `signal` aborts before it is there: then the signal's reason. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf(signal));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });
}
