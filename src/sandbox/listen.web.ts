import { ErrorInfo } from '../errors/error-info.js';
import type { Listening, ListenOptions, Service } from './listening.js';

/** @throws {ErrorInfo} 40003: only Node has ports */
export async function listen(_service: Service, _options: ListenOptions | null): Promise<Listening> {
  throw new ErrorInfo({
    code: 40003,
    message: 'sandbox.listen() must be called in Node; this platform cannot listen on a port',
    remediation:
      'Pass sandbox.fetch to the Auth, and sandbox.WebSocket to its connection: they need no port.',
  });
}
