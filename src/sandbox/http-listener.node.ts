import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createRequest, sendResponse } from '@remix-run/node-fetch-server';
import { always, errorAnswer, responseOf, withCors } from './answers.js';
import { Fault, wireError } from './fault.js';
import { Dropped } from './faults.js';

/** Answers a request. The second argument is Node's message, which knows the remote address. */
export type Handle = (request: Request, from: IncomingMessage) => Promise<Response>;

/** Lets `handle` answer the requests to a server, and answers unreadable requests with an error. */
export function serve(server: Server, handle: Handle): void {
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    answer(message, response, handle).catch((error: unknown) => {
      response.destroy();
      process.emitWarning(`the sandbox could not answer: ${error}`);
    });
  });
  server.on('clientError', refuse);
}

async function answer(message: IncomingMessage, response: ServerResponse, handle: Handle): Promise<void> {
  const request = requestOf(message, response);
  const answered = request === undefined ? faulty(new Fault('unreadable request')) : await settled();
  if (answered === undefined) response.destroy();
  else if (!response.destroyed) {
    // The rest of an unread body is not awaited: it may never arrive.
    if (!message.complete) response.setHeader('connection', 'close');
    await sendResponse(response, answered);
  }

  async function settled(): Promise<Response | undefined> {
    try {
      return await handle(request as Request, message);
    } catch (thrown) {
      if (thrown instanceof Dropped || request?.signal.aborted) return undefined;
      process.emitWarning(`the sandbox failed with an error: ${thrown}`);
      return withCors(responseOf(errorAnswer(wireError(50000, 500, 'internal error')), 'json'));
    }
  }
}

/** Node's message as a Request; undefined if its address is invalid. */
function requestOf(message: IncomingMessage, response: ServerResponse): Request | undefined {
  try {
    return createRequest(message, response);
  } catch {
    return undefined;
  }
}

const faulty = (fault: Fault): Response => withCors(responseOf(errorAnswer(fault.toWire()), 'json'));

/** A request that Node could not parse has no `Response`: the answer is written by hand. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const fault = new Fault(
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'request headers too large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request body too slow'
        : 'unreadable request',
  );
  const body = JSON.stringify({ error: fault.toWire() });
  const head = [
    `HTTP/1.1 ${fault.statusCode} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-ably-errorcode: ${fault.code}`,
    `x-ably-errormessage: ${fault.message}`,
    ...Object.entries(always).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
