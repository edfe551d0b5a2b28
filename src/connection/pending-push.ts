import { ErrorInfo } from '../errors/error-info.js';
import { reasonOf } from '../platform/signals.js';

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/** The token that was pushed last, while the server has not answered it. */
export class PendingPush {
  #waiting: Waiting | null = null;

  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** @param withdrawn called if `signal` aborts before the answer */
  wait(signal: AbortSignal, withdrawn: () => void): Promise<void> {
    if (this.isWaiting) this.reject(superseded());
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        this.reject(reasonOf(signal));
        withdrawn();
      };
      const over = () => signal.removeEventListener('abort', withdraw);
      this.#waiting = {
        resolve: () => {
          over();
          resolve();
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      signal.addEventListener('abort', withdraw, { once: true });
    });
  }

  resolve(): void {
    this.#take()?.resolve();
  }

  reject(error: unknown): void {
    this.#take()?.reject(error);
  }

  #take(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}

const superseded = (): ErrorInfo =>
  new ErrorInfo({
    code: 80017,
    message: 'a newer token replaced this token',
    remediation: 'No action is needed: the answer about the newer token decides.',
  });
