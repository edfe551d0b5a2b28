import { invalidArgument } from '../../checks/option-checks.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf, textIn } from '../../redaction/received.js';

/** The codes with which most servers close a WebSocket because of its token. */
const REFUSED: readonly number[] = [4401, 4403];

const codeOf = (close: unknown): unknown => fieldOf(close, 'code');

/** The close of a WebSocket in words. */
function words(close: unknown): string {
  const [code, reason] = [codeOf(close), textIn(close, 'reason')];
  if (typeof code !== 'number') return 'the connection was lost';
  return `the connection was closed with ${code}${reason ? ` (${reason})` : ''}`;
}

/** The error of a close that says nothing about the token. */
export const lossBy = (close: unknown): ErrorInfo => new ErrorInfo({ code: 80003, message: words(close) });

/** Reads closes. @param codes the close codes by which the server refuses a token */
export class Closes {
  readonly #codes: readonly unknown[];

  /** @throws {ErrorInfo} 40003: `codes` is not a list of numbers */
  constructor(codes: readonly number[] = REFUSED) {
    if (!Array.isArray(codes) || !codes.every((code) => Number.isSafeInteger(code)))
      throw invalidArgument('refusalCodes must be a list of close codes, such as [4401, 4403]');
    this.#codes = [...codes];
  }

  /**
   * The refusal of the token. Another token may help, unless the reason of the close begins with another code:
   * `40102 the token is for another client`. null: the close says nothing about the token.
   */
  refusalIn(close: unknown): ErrorInfo | null {
    if (!this.#codes.includes(codeOf(close))) return null;
    const [code = 40140] = (textIn(close, 'reason')?.match(/^40\d{3}\b/) ?? []).map(Number);
    const statusCode = Math.floor(code / 100);
    return new ErrorInfo({ code, statusCode, message: words(close), origin: 'server' });
  }
}
