import { describe, expect, it, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { attachStudio } from '../../../src/studio/index.js';

vi.mock('#websocket', () => ({ WebSocketImpl: undefined }));

const refusal = { code: 40003, message: 'there is no WebSocket on this platform' };

describe('a platform without a WebSocket', () => {
  it('a new connection is refused, and the error names the option to set', () => {
    expect(() => new RealtimeConnection()).toThrow(
      expect.objectContaining({
        ...refusal,
        remediation: 'Give one as option WebSocket.',
      }),
    );
  });

  it('a connection with its own WebSocket class is accepted', () => {
    class Handmade {}
    const connection = new RealtimeConnection({ WebSocket: Handmade as never, autoConnect: false });
    expect(connection.state).toBe('initialized');
    connection.dispose();
  });

  it('a studio cannot be attached', () => {
    const auth = new Auth({ token: 'a-token' });
    expect(() => attachStudio(auth, 'ws://127.0.0.1:9/attach/token')).toThrow(
      expect.objectContaining({
        code: 40003,
        message: 'attachStudio() needs a WebSocket, and this platform has none',
      }),
    );
  });
});
