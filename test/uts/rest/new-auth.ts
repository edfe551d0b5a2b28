import { onTestFinished } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import type { SeenRequest } from '../mock-http.js';

export const KEY = 'appId.keyId:keySecret';

/** A client without chance and without time of its own, disposed of when the test ends. */
export function newAuth(options: ClientOptions): Auth {
  const auth = new Auth({ clock: new VirtualClock(), random: () => 0, ...options });
  onTestFinished(() => auth.dispose());
  return auth;
}

/** What a request was sent with: the scheme, and the key or token that stands behind it, decoded (RSA3b, RSA11). */
export function credentialsOf(request: SeenRequest | undefined): readonly [scheme: string, value: string] {
  const [scheme = '', value = ''] = (request?.headers.get('authorization') ?? '').split(' ');
  return [scheme, Buffer.from(value, 'base64').toString('utf8')];
}
