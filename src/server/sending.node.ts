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
  #waiting: (readonly [ServerResponse, Answer])[] = [];

  add(response: ServerResponse, answer: Response): void {
    if (this.#waiting.push([response, answer]) === 1) soon(() => this.#sendAll());
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const [response, answer] of all) send(response, answer).catch(() => response.destroy());
  }
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
  // Something before the endpoint, such as a time limit of Express, has answered.
  if (response.headersSent) return;
  const prepared = answer?._toNodeResponse?.();
  if (prepared === undefined) return sendNodeResponse(response, answer);
  const { status, headers, body } = prepared;
  // A text leaves with its headers, in one piece.
  if (typeof body === 'string' && response.req.httpVersionMajor === 1)
    response.writeHead(status, headers).end(body);
  else await sendNodeResponse(response, { _toNodeResponse: () => prepared } as Answer as Response);
}
