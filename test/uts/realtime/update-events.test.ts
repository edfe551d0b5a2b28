import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { connectionWith } from './mocked.js';

const CONNECTED = 4;

/** A live connection, its events by name, and a server that sends CONNECTED again. */
const live = async (details: object = {}) => {
  const one = connectionWith({ key: 'appId.keyId:keySecret' });
  const told: string[] = [];
  for (const event of [
    ...(['initialized', 'connecting', 'connected', 'disconnected'] as const),
    ...(['suspended', 'closing', 'closed', 'failed', 'update'] as const),
  ]) {
    one.connection.on(event, () => told.push(event));
  }
  one.server.details = { ...one.server.details, ...details };
  one.connection.connect();
  await one.clock.advance(0);
  expect(told).toEqual(['connecting', 'connected']);
  one.changes.length = 0;
  told.length = 0;
  const sayAgain = (more: object, error?: object) =>
    one.server.line.send({
      action: CONNECTED,
      connectionId: 'connection-1',
      connectionDetails: { connectionKey: 'key-1', maxIdleInterval: 15_000, ...more },
      ...(error === undefined ? {} : { error }),
    });
  return { ...one, sayAgain, told };
};

describe('CONNECTED over a live connection', () => {
  utsCase('realtime/unit/RTN24/connected-emits-update-0', 'is told as an update', async () => {
    const { changes, connection, sayAgain, told } = await live({ clientId: 'client-123' });
    sayAgain({ maxIdleInterval: 20_000, clientId: 'client-123' });
    expect(told).toEqual(['update']);
    expect(changes).toEqual([{ previous: 'connected', current: 'connected', event: 'update' }]);
    expect([connection.state, connection.id, connection.key]).toEqual(['connected', 'connection-1', 'key-1']);
  });

  utsCase('realtime/unit/RTN24/update-event-with-error-1', 'is told with its error', async () => {
    const { changes, connection, sayAgain } = await live();
    const error = { code: 40142, statusCode: 401, message: 'Token expired; renewed automatically' };
    sayAgain({}, error);
    expect(changes).toMatchObject([{ previous: 'connected', current: 'connected', reason: error }]);
    expect(connection.errorReason).toBeNull();
  });

  utsCase(
    'realtime/unit/RTN24/connection-details-override-2',
    'overrides the details from before: how long a silence may be, and how long the connection is kept',
    async () => {
      const { clock, connection, sayAgain, server } = await live({ clientId: 'client-original' });
      sayAgain({ maxIdleInterval: 20_000, connectionStateTtl: 60_000, clientId: 'client-updated' });
      expect([connection.state, connection.id, connection.key]).toEqual([
        'connected',
        'connection-1',
        'key-1',
      ]);
      server.onOpen = 'break';
      await clock.advance(29_999);
      expect(connection.state).toBe('connected');
      await clock.advance(60_001);
      expect(connection.state).toBe('suspended');
    },
  );

  utsCase('realtime/unit/RTN24/no-duplicate-connected-event-3', 'is never told as connected', async () => {
    const { changes, sayAgain, told } = await live();
    for (let turn = 0; turn < 3; turn += 1) sayAgain({});
    expect(told).toEqual(['update', 'update', 'update']);
    for (const change of changes)
      expect(change).toMatchObject({ previous: 'connected', current: 'connected' });
  });
});
