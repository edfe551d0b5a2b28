import type { ErrorInfo } from '../errors/error-info.js';

/** The answer to a token. undefined: the connection is over, and no answer is needed. */
export type Answer = { readonly expiresInMs: number } | { readonly error: ErrorInfo } | undefined;

/** The number of a message of the client; its answer has the same. */
export type MessageId = string | number;

/** The code of the answer to a token that was not verified, because a newer one came. */
export const SUPERSEDED = 42910;

/** Whether a value can be the id of a message. */
export const isMessageId = (given: unknown): given is MessageId =>
  typeof given === 'string' ? given.length <= 64 : Number.isSafeInteger(given);

/** The answer as the client receives it. */
export type AnswerMessage =
  | { readonly type: 'accepted'; readonly id?: MessageId; readonly expiresInMs?: number }
  | { readonly type: 'refused'; readonly id?: MessageId; readonly code: number; readonly message: string };

export function answerMessage(answer: NonNullable<Answer>, id: unknown): AnswerMessage {
  const named = isMessageId(id) ? { id } : {};
  if ('error' in answer)
    return { type: 'refused', ...named, code: answer.error.code, message: answer.error.message };
  const { expiresInMs } = answer;
  return { type: 'accepted', ...named, ...(Number.isFinite(expiresInMs) ? { expiresInMs } : {}) };
}

/** A code for each reason to close a connection that has no token. */
export interface CloseCodes {
  /** Another token may help. */
  readonly tokenNeeded: number;
  /** No token helps. */
  readonly forbidden: number;
  /** The token was not judged. */
  readonly tryAgainLater: number;
}

/** The code for a token that was not accepted; undefined if the connection goes on. */
export function closeCodeFor({ code, statusCode }: ErrorInfo, codes: CloseCodes): number | undefined {
  if (code === SUPERSEDED) return undefined;
  if (code >= 50_000) return codes.tryAgainLater;
  return statusCode === 403 ? codes.forbidden : codes.tokenNeeded;
}
