/**
 * Runs a user callback that is only told something: what it throws is reported as uncaught, and is no
 * fault of whoever called.
 */
export function callUser(what: () => void): void {
  try {
    what();
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
