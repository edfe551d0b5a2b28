import { afterEach, describe, expect, it, vi } from 'vitest';
import { tokenGate } from '../../examples/hocuspocus/server.js';
import { DocumentServer } from '../kit/document-server.js';
import { eventually } from '../kit/eventually.js';

/** The longest delay of a timer, ms. */
const LONGEST_MS = 2 ** 31 - 1;

describe('the example of a Hocuspocus server, with clients of other people', () => {
  let server: DocumentServer;

  afterEach(async () => {
    vi.restoreAllMocks();
    await server.close();
  });

  it('a document that closes while it is opened starts no timer', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const gate = tokenGate(async () => ({ clientId: 'ada', expires: 4_000_000_000_000 }));
    const after = vi.fn(async () => {});
    server = await DocumentServer.listen({
      extensions: [
        { priority: 2_000, connected: async ({ connection }) => connection.close() },
        { priority: 1_000, ...gate },
        { priority: 1, connected: after },
      ],
    });
    const provider = server.document('minutes');
    provider.configuration.token = 'ada 1';
    provider.attach();
    provider.configuration.websocketProvider.connect();
    await eventually(() => expect(after).toHaveBeenCalled());
    expect(timers.mock.calls.filter(([, ms]) => ms === LONGEST_MS)).toEqual([]);
  });
});
