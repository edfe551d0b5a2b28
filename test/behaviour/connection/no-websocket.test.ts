import { describe, expect, it, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { attachStudio } from '../../../src/studio/index.js';

vi.mock('#websocket', () => ({ WebSocketImpl: undefined }));

const refusal = { code: 40003, message: 'there is no WebSocket on this platform' };

describe('a platform without WebSocket', () => {
  it('has a connection refused, with the option to give instead', () => {
    expect(() => new RealtimeConnection()).toThrow(
      expect.objectContaining({
        ...refusal,
        remediation: 'Give a class like the WHATWG WebSocket as option WebSocket.',
      }),
    );
  });

  it('has a connection that is given a class', () => {
    class Handmade {}
    const connection = new RealtimeConnection({ WebSocket: Handmade as never, autoConnect: false });
    expect(connection.state).toBe('initialized');
    connection.dispose();
  });

  it('has no studio attached', () => {
    const auth = new Auth({ token: 'a-token' });
    expect(() => attachStudio(auth, 'ws://127.0.0.1:9/attach/token')).toThrow(
      expect.objectContaining(refusal),
    );
  });
});
