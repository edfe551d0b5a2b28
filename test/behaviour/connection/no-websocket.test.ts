import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as connections from '../../../src/connection/index.js';
import type * as main from '../../../src/index.js';
import type * as studios from '../../../src/studio/index.js';

let RealtimeConnection: typeof connections.RealtimeConnection;
let Auth: typeof main.Auth;
let attachStudio: typeof studios.attachStudio;

// Modules of their own: other files may run in the same process, before or after this one.
beforeAll(async () => {
  vi.resetModules();
  vi.doMock('#websocket', () => ({ WebSocketImpl: undefined, failures: undefined }));
  ({ RealtimeConnection } = await import('../../../src/connection/index.js'));
  ({ Auth } = await import('../../../src/index.js'));
  ({ attachStudio } = await import('../../../src/studio/index.js'));
});

afterAll(() => {
  vi.doUnmock('#websocket');
  vi.resetModules();
});

const refusal = { code: 40003, message: 'there is no WebSocket on this platform' };

describe('a platform without a WebSocket', () => {
  it('a new connection is refused, and the error names the option to set', () => {
    expect(() => new RealtimeConnection()).toThrow(
      expect.objectContaining({
        ...refusal,
        remediation: 'Pass one as the option WebSocket.',
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
