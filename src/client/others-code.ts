/**
 * Runs code that is not ours, and is only told something: what it throws is reported as uncaught, and is
 * no fault of whoever called.
 */
export function callOthers(what: () => void): void {
  try {
    what();
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
