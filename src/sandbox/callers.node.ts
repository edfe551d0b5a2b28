import type { IncomingMessage } from 'node:http';
import { isOfLocalPage, isOfOwnPage, namingOf } from '../checks/local-requests.node.js';
import type { Clock } from '../clock.js';
import { errorAnswer, responseOf } from './answers.js';
import { bodyOf } from './body.js';
import { Fault } from './fault.js';

/** The paths that change the service itself. They need no key, so only this machine may use them. */
const CONTROL = /^\/(_sandbox|apps)(\/|$)/;

/**
 * Why a request that came over a port is refused; undefined: it is served. Ably serves pages of every origin. The
 * sandbox has keys that tests know, so it serves pages of this machine only.
 *
 * @param boundTo the host that the service listens on
 */
export function refusalFor(path: string, message: IncomingMessage, boundTo: string): Fault | undefined {
  const naming = namingOf(message, boundTo);
  if (naming === 'unusable') return new Fault('unreadable request', 'Host must be the name of a host');
  const isControl = CONTROL.test(path);
  const isServed = isControl ? isOfOwnPage(message) : isOfLocalPage(message);
  if (naming === 'own' && isServed) return undefined;
  // The control route does not tell others that it exists.
  if (path.startsWith('/_sandbox')) return new Fault('no such path');
  if (naming === 'foreign')
    return new Fault('foreign host or origin', 'Host must be a loopback name, or the address of the service');
  return new Fault(
    'foreign host or origin',
    isControl
      ? 'Origin must be absent, or that of the service itself'
      : 'Origin must be absent, null, or that of a page of this machine',
  );
}

/** The answer to a refused request. A request that is malformed gets the answer of a malformed request. */
export async function refused(request: Request, refusal: Fault, clock: Clock): Promise<Response> {
  try {
    await bodyOf(request, clock);
  } catch (thrown) {
    if (thrown instanceof Fault) return responseOf(errorAnswer(thrown.toWire()), 'json');
    throw thrown;
  }
  return responseOf(errorAnswer(refusal.toWire()), 'json');
}
