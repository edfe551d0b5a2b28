import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.js';
import { isErrorInfo } from '../errors/error-info.js';
import { type Answer, errorAnswer, responseOf } from './answers.js';
import { fieldsOf } from './body.js';
import type { Controls } from './controls.js';
import { Fault } from './fault.js';

/** The path of the control route. */
const ROOT = '/_sandbox';

/**
 * Whether a request for the control route is allowed. It must come from this machine, and use a name of this
 * machine. Requests of foreign pages were refused before.
 */
export function isControl(request: Request, { socket }: IncomingMessage): boolean {
  const { pathname, hostname } = new URL(request.url);
  return (
    (pathname === ROOT || pathname.startsWith(`${ROOT}/`)) &&
    /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '') &&
    /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)
  );
}

/** Answers a request for the control route. */
export async function control(request: Request, controls: Controls, clock: Clock): Promise<Response> {
  try {
    return responseOf(await act(request, controls, clock), 'json');
  } catch (thrown) {
    if (thrown instanceof Fault) return responseOf(errorAnswer(thrown.toWire()), 'json');
    if (isErrorInfo(thrown)) {
      const fault = new Fault('invalid request body', thrown.message);
      return responseOf(errorAnswer(fault.toWire()), 'json');
    }
    throw thrown;
  }
}

async function act(request: Request, controls: Controls, clock: Clock): Promise<Answer> {
  const what = new URL(request.url).pathname.slice(ROOT.length + 1);
  switch (`${request.method} ${what}`) {
    case 'GET ':
      return { body: { fault: controls.fault, connections: controls.connections, sizes: controls.sizes } };
    case 'PUT fault':
      controls.setFault(await fieldsOf(request, clock));
      return { body: controls.fault };
    case 'DELETE fault':
      controls.setFault(null);
      return { body: controls.fault };
    case 'POST expireTokens':
      controls.expireTokens();
      return { status: 204 };
    case 'POST revokeTokens':
      controls.revokeTokens(text(await fieldsOf(request, clock), 'clientId'));
      return { status: 204 };
    case 'POST revokeKey':
      controls.revokeKey(text(await fieldsOf(request, clock), 'keyName') ?? '');
      return { status: 204 };
    case 'POST askForReauth':
      controls.askForReauth();
      return { status: 204 };
    case 'POST cutConnections':
      controls.cutConnections();
      return { status: 204 };
    default:
      throw new Fault('no such path');
  }
}

function text(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new Fault('invalid request body', `${name} must be a string`);
}
