import { describe, expect } from 'vitest';
import { Auth } from '../../../src/index.js';
import type { Line } from '../../kit/connection-server.js';
import { utsCase } from '../case.js';
import { attaching, Channel, NACK, PRESENCE } from './channel.js';
import { ablyError, counting, mocked } from './mocked.js';

/** A service that lets a client enter only with the clientId of its connection. */
const present =
  (name: string | null) =>
  (line: Line, message: { readonly action: number; readonly [field: string]: unknown }): void => {
    attaching(line, message);
    if (message.action !== PRESENCE) return;
    const [{ clientId } = { clientId: undefined }] = message.presence as { clientId?: string }[];
    const isKnown = name !== null && name !== '*' && (clientId === undefined || clientId === name);
    const { msgSerial } = message;
    if (isKnown) line.send({ action: 1, msgSerial, count: 1 });
    else line.send({ action: NACK, msgSerial, count: 1, error: ablyError(40012, 400, 'Invalid clientId') });
  };

describe('who a connection is, for presence', () => {
  utsCase(
    'realtime/unit/RTP8j/enter-null-clientid-errors-0',
    'without a clientId it cannot enter, and the connection stays',
    async () => {
      const one = mocked();
      one.server.onMessage = present(null);
      await one.connected();
      expect(one.auth.clientId).toBeNull();
      expect(one.server.line.url.searchParams.has('clientId')).toBe(false);
      const channel = new Channel(one, 'test');
      await channel.attach();
      await expect(channel.enter()).rejects.toMatchObject({ code: 40012 });
      expect([one.connection.state, channel.state]).toEqual(['connected', 'attached']);
    },
  );

  utsCase(
    'realtime/unit/RTP8j/enter-wildcard-clientid-errors-1',
    'is never anybody by an option of the client: that is refused when it is made',
    () => {
      const options = { authCallback: counting(), clientId: '*' };
      expect(() => new Auth(options)).toThrow(expect.objectContaining({ code: 40012 }));
    },
  );

  utsCase(
    'realtime/unit/RTP15f/enterclient-mismatched-clientid-0',
    'is one name alone: the server refuses any other, and the connection stays',
    async () => {
      const one = mocked({ authCallback: counting(), clientId: 'my-client' });
      one.server.onMessage = present('my-client');
      await one.connected();
      expect(one.server.line.url.searchParams.get('clientId')).toBe('my-client');
      const channel = new Channel(one, 'test');
      await channel.attach();
      await channel.enter();
      await expect(channel.enter('other-client')).rejects.toMatchObject({ code: 40012 });
      expect([one.connection.state, channel.state]).toEqual(['connected', 'attached']);
    },
  );
});
