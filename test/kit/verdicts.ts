import type { ErrorInfo } from '../../src/errors/error-info.js';

export type Verdict = 'accept' | ErrorInfo;

/** What a test server says to tokens. */
export class Verdicts {
  readonly tokens: string[] = [];
  /** How often something happened: tests wait until nothing does. */
  traffic = 0;
  #verdict: Verdict | 'hold' = 'accept';
  readonly #unanswered: ((verdict: Verdict) => void)[] = [];

  accept(): void {
    this.#verdict = 'accept';
  }

  refuse(error: ErrorInfo): void {
    this.#verdict = error;
  }

  hold(): void {
    this.#verdict = 'hold';
  }

  answer(verdict: Verdict): void {
    this.#unanswered.shift()?.(verdict);
  }

  /** The server's question. */
  judge(token: string): Promise<Verdict> {
    this.traffic += 1;
    this.tokens.push(token.replace('token of ', ''));
    return new Promise<Verdict>((resolve) => {
      if (this.#verdict === 'hold') this.#unanswered.push(resolve);
      else resolve(this.#verdict);
    }).finally(() => {
      this.traffic += 1;
    });
  }
}

/** The reason of a close, as adapters read it. */
export const reasonOf = ({ code, message }: ErrorInfo): string => `${code} ${message}`;
