import { describe, expect } from 'vitest';
import type { TokenParams } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { counting, HOUR, mocked } from './mocked.js';

describe('a token before the transport', () => {
  utsCase(
    'realtime/unit/RTN2e/token-before-websocket-0',
    'is asked for first, and stands in the address, without a key',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      const happened: string[] = [];
      authCallback.mockImplementation(async () => {
        happened.push(`asked, ${one.server.lines.length} transports`);
        return { token: 'callback-provided-token', expires: one.clock.now() + HOUR };
      });
      one.connection.connect();
      await one.clock.advance(0);
      expect(happened).toEqual(['asked, 0 transports']);
      const { searchParams } = one.server.line.url;
      expect([searchParams.get('accessToken'), searchParams.get('key')]).toEqual([
        'callback-provided-token',
        null,
      ]);
      expect(one.connection.state).toBe('connected');
    },
  );

  utsCase(
    'realtime/unit/RTN2e/callback-error-prevents-connect-1',
    'that cannot be had leaves no transport to be opened',
    async () => {
      const one = mocked({ authCallback: counting({ 1: new Error('Auth callback failed') }) });
      one.connection.connect();
      await one.clock.advance(0);
      expect([one.connection.state, one.server.lines]).toEqual(['disconnected', []]);
      expect(one.connection.errorReason).toMatchObject({ statusCode: 401, cause: { code: 40170 } });
    },
  );

  utsCase(
    'realtime/unit/RTN2e/callback-params-include-clientid-2',
    'is asked for with the name of the client',
    async () => {
      const asked: TokenParams[] = [];
      const one = mocked({
        clientId: 'my-client-id',
        authCallback: async (params) => {
          asked.push(params);
          return { token: 'token-for-client', expires: one.clock.now() + HOUR, clientId: 'my-client-id' };
        },
      });
      one.connection.connect();
      await one.clock.advance(0);
      expect([one.connection.state, asked.map(({ clientId }) => clientId)]).toEqual([
        'connected',
        ['my-client-id'],
      ]);
      expect(one.server.line.url.searchParams.get('clientId')).toBe('my-client-id');
    },
  );

  utsCase(
    'realtime/unit/RTN2e/reuse-valid-token-3',
    'is used again for the next connection while it is good',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      await one.connected();
      one.connection.close();
      await one.clock.advance(0);
      expect(one.connection.state).toBe('closed');
      await one.connected();
      expect([one.connection.state, one.server.tokens]).toEqual(['connected', ['token-1', 'token-1']]);
      expect(authCallback).toHaveBeenCalledTimes(1);
    },
  );
});
