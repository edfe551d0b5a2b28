import type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
  ErrorInfo,
} from '../../src/index.js';

interface Push {
  readonly signal: AbortSignal;
  accept(): void;
  refuse(error: ErrorInfo): void;
}

/** A connection whose answers are given on demand, or at once. */
export class WatchedConnection implements ConnectionAdapter {
  state: ConnectionState;
  isWilling = false;
  readonly #pushed: () => void;
  #pushes: Push[] = [];
  #listener: ((report: ConnectionReport) => void) | null = null;

  constructor(state: ConnectionState, pushed: () => void) {
    this.state = state;
    this.#pushed = pushed;
  }

  get isAttached(): boolean {
    return this.#listener !== null;
  }

  push = (event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> => {
    this.#pushed();
    if (event.type === 'connection.fail') {
      this.become('failed');
      return Promise.resolve();
    }
    if (this.isWilling) {
      this.become('connected');
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const push: Push = { signal, accept: resolve, refuse: reject };
      this.#pushes.push(push);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };

  attach = (listener: (report: ConnectionReport) => void): (() => void) => {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  };

  /** A constant: the options that contain the connection do not change with its state. */
  toJSON(): string {
    return 'a connection';
  }

  report(report: ConnectionReport): void {
    this.#listener?.(report);
  }

  become(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.report({ type: 'connection.changed', state });
  }

  /** Answers the oldest pending push; null: accepted. */
  judge(error: ErrorInfo | null): void {
    this.#pushes = this.#pushes.filter(({ signal }) => !signal.aborted);
    const push = this.#pushes.shift();
    if (push === undefined) return;
    if (error === null) {
      push.accept();
      this.become('connected');
    } else push.refuse(error);
  }

  /** Accepts the pending push and all later ones. */
  acceptAll(): void {
    this.isWilling = true;
    while (this.#pushes.length > 0) this.judge(null);
  }
}
