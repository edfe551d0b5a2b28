import { onTestFinished } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import type { SeenRequest } from '../mock-http.js';

export const KEY = 'appId.keyId:keySecret';

/** A client without random numbers and without its own clock, disposed of at the end of the test. */
export function newAuth(options: ClientOptions): Auth {
  const auth = new Auth({ clock: new VirtualClock(), random: () => 0, ...options });
  onTestFinished(() => auth.dispose());
  return auth;
}

/** The credentials of a request: the scheme, and the decoded key or token (RSA3b, RSA11). */
export function credentialsOf(request: SeenRequest | undefined): readonly [scheme: string, value: string] {
  const [scheme = '', value = ''] = (request?.headers.get('authorization') ?? '').split(' ');
  return [scheme, Buffer.from(value, 'base64').toString('utf8')];
}
