import { AsyncResource } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import * as timers from 'node:timers';
import { type FastResponse, sendNodeResponse } from 'srvx/node';

type Answer = Response & Partial<InstanceType<typeof FastResponse>>;

/** Taken when this file is loaded: a test may replace the timers later. */
const soon = timers.setImmediate;

/**
 * Sends answers after all requests that came at the same moment have been read. Sent in a row, they wake the other side
 * once; sent between the requests, they wake it each time, which costs more than a signature.
 */
export class Sending {
  #waiting: (() => void)[] = [];

  add(response: ServerResponse, answer: Response): void {
    // Each in the context of its request, which AsyncLocalStorage knows.
    const inContext = AsyncResource.bind(() => void send(response, answer).catch(() => giveUp(response)));
    if (this.#waiting.push(inContext) === 1) soon(() => this.#sendAll());
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const sendOne of all) sendOne();
  }
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
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

/** The answer cannot be sent, for example because a wrapper of the response throws. */
function giveUp(response: ServerResponse): void {
  try {
    if (response.headersSent) throw new Error('it is too late for another status');
    response.statusCode = 500;
    response.end();
  } catch {
    response.destroy?.();
  }
}
