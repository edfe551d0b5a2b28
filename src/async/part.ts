import { ErrorInfo } from '../errors/error-info.js';

/** A part of the library that is loaded when it is first used: a page that never uses it does not pay for it. */
export interface Part<T> {
  /** The part. undefined: it is not loaded yet. */
  readonly loaded: T | undefined;
  /**
   * Loads the part. After a failure, the next call tries again.
   * @throws {ErrorInfo} 80003: the part could not be loaded
   */
  load(): Promise<T>;
}

/** @param present returns the part, where it is there from the beginning */
export function part<T>(importIt: () => Promise<T>, present?: () => T): Part<T> {
  let loaded: T | undefined;
  let loading: Promise<T> | undefined;
  return {
    get loaded() {
      loaded ??= present?.();
      return loaded;
    },
    load() {
      loading ??= importIt().then(
        (it) => {
          loaded = it;
          return it;
        },
        (cause: unknown) => {
          loading = undefined;
          throw new ErrorInfo({
            code: 80003,
            message: 'a part of Latchkey could not be loaded',
            remediation:
              'Check the network, and that a new deployment leaves the files of open pages in place.',
            cause,
          });
        },
      );
      return loading;
    },
  };
}
