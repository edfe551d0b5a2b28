import type { ServerResponse } from 'node:http';
import { type FastResponse, sendNodeResponse } from 'srvx/node';

type Answer = Response & Partial<InstanceType<typeof FastResponse>>;

/** Sends an answer. If it cannot be sent, for example because a wrapper of the response throws, the status is 500. */
export function send(response: ServerResponse, answer: Answer): void {
  sendAll(response, answer).catch(() => giveUp(response));
}

async function sendAll(response: ServerResponse, answer: Answer): Promise<void> {
  // Something before the endpoint, such as a time limit of Express, has answered.
  if (response.writableEnded) return;
  const prepared = answer?._toNodeResponse?.();
  if (prepared === undefined) return sendNodeResponse(response, answer);
  const { status, headers, body } = prepared;
  // A text leaves with its headers, in one piece.
  if (typeof body === 'string' && !response.headersSent && response.req?.httpVersionMajor === 1)
    response.writeHead(status, headers).end(body);
  else await sendNodeResponse(response, { _toNodeResponse: () => prepared } as Answer as Response);
}

/** Answers with 500 without a body, or ends the connection if that is too late. */
export function giveUp(response: ServerResponse): void {
  try {
    if (response.headersSent) throw new Error('it is too late for another status');
    response.statusCode = 500;
    response.end();
  } catch {
    response.destroy?.();
  }
}
