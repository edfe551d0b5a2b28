import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { ACK, NACK, publish, sandboxed } from './sandboxed.js';

describe('rest/integration/publish.md', () => {
  utsCase(
    'rest/integration/RSL1m4/clientid-mismatch-rejected-0',
    'may not publish for somebody else than its token is for',
    async () => {
      const all = sandboxed();
      const { keyStr, newAuth, connect } = all;
      const { token } = await newAuth({ key: keyStr }).requestToken({ clientId: 'authenticated-client-id' });
      const { connection } = await connect({ token });
      const message = { name: 'event', data: 'data' };
      expect(
        await publish(all, connection, 'test', { ...message, clientId: 'different-client-id' }),
      ).toMatchObject({ action: NACK, error: { code: 40012, statusCode: 400 } });
      expect(
        await publish(all, connection, 'test', { ...message, clientId: 'authenticated-client-id' }),
      ).toMatchObject({ action: ACK });
    },
  );
});
