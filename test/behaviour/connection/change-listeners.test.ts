import { describe, expect, it, onTestFinished } from 'vitest';
import type { RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';

async function connected(options: RealtimeConnectionOptions = {}) {
  const one = await new ConnectionHarness(options).connected();
  onTestFinished(() => one.connection.dispose());
  return one;
}

const EVENTS =
  'The events are initialized, connecting, connected, disconnected, suspended, closing, closed, failed, update.';
const STATES =
  'The states are initialized, connecting, connected, disconnected, suspended, closing, closed, failed.';

describe('a listener of a realtime connection that acts while a change is reported', () => {
  it.each([
    ['off(listener)', ({ connection }, second) => connection.off(second)],
    ['off(event, listener)', ({ connection }, second) => connection.off('disconnected', second)],
    ['off([events], listener)', ({ connection }, second) => connection.off(['disconnected'], second)],
    ['off()', ({ connection }) => connection.off()],
  ] as readonly [string, (one: ConnectionHarness, second: () => void) => void][])(
    '%s removes a listener from the next change on, and not from this one (RTE6a)',
    async (_call, remove) => {
      const one = await connected();
      const { connection } = one;
      const heard: string[] = [];
      const second = () => void heard.push('second');
      connection.on('disconnected', () => remove(one, second));
      connection.on(['disconnected', 'failed'], second);
      for (let turn = 0; turn < 2; turn += 1) {
        one.server.line.break();
        await one.clock.advance(1_000);
      }
      expect(heard).toEqual(['second']);
    },
  );

  it('after dispose() no listener hears anything, whenever it was added', async () => {
    const { connection, server } = await connected();
    const heard: string[] = [];
    const hear = (who: string) => () => void heard.push(who);
    connection.state$.subscribe((state) => {
      if (state !== 'disconnected') return;
      connection.dispose();
      connection.on(hear('added by a subscriber'));
    });
    connection.on(hear('the first'));
    server.line.break();
    connection.on(hear('added later'));
    connection.whenState('failed', hear('waits'));
    expect([connection.state, heard]).toEqual(['closed', []]);
  });

  it('a listener that disposes of the connection is the last one that is called', async () => {
    const { connection, server } = await connected();
    const heard: string[] = [];
    connection.on('disconnected', () => connection.dispose());
    connection.on('disconnected', () => void heard.push('a change'));
    server.line.break();
    expect(heard).toEqual([]);
  });

  it('a listener of messages that disposes of the connection is the last one that is called', async () => {
    const { connection, server } = await connected();
    const heard: string[] = [];
    connection.onMessage(() => {
      connection.dispose();
      connection.onMessage(() => void heard.push('added'));
    });
    connection.onMessage(() => void heard.push('the second'));
    server.line.send({ action: 15, channel: 'chat' });
    expect(heard).toEqual([]);
  });
});

describe('whenState() with a listener', () => {
  it('an error of the listener is logged, and whenState() does not throw', async () => {
    const lines: string[] = [];
    const { connection } = await connected({ logHandler: (line: string) => lines.push(line) });
    connection.whenState('connected', () => {
      throw new Error('no such element');
    });
    connection.whenState('connected', async () => {
      throw new Error('no such row');
    });
    await Promise.resolve();
    expect(lines).toEqual([
      expect.stringContaining("a listener of the connection's states failed: Error: no such element"),
      expect.stringContaining("a listener of the connection's states failed: Error: no such row"),
    ]);
  });
});

describe('the name of an event or state', () => {
  it.each([
    ['on()', ({ connection }) => connection.on('connectd' as never, () => {})],
    ['on() with a list', ({ connection }) => connection.on(['closed', 'connectd' as never], () => {})],
    ['once()', ({ connection }) => connection.once('connectd' as never, () => {})],
    ['once() without a listener', ({ connection }) => connection.once('connectd' as never)],
    ['off()', ({ connection }) => connection.off('connectd' as never, () => {})],
  ] as readonly [string, (one: ConnectionHarness) => unknown][])(
    '%s refuses an unknown event, and names those that there are',
    async (_call, run) => {
      const one = await connected();
      await expect((async () => await run(one))()).rejects.toMatchObject({
        code: 40003,
        message: 'unknown event "connectd"',
        remediation: EVENTS,
      });
    },
  );

  it.each([
    ['connectd', 'unknown state "connectd"'],
    ['update', 'unknown state "update"'],
    [undefined, 'unknown state of type undefined'],
  ])('whenState(%j) is refused, with a listener and without', async (name, message) => {
    const { connection } = await connected();
    const refusal = expect.objectContaining({ code: 40003, message, remediation: STATES });
    expect(() => connection.whenState(name as never, () => {})).toThrow(refusal);
    await expect(connection.whenState(name as never)).rejects.toEqual(refusal);
  });

  it('whenState() of an Auth refuses an unknown state, and names those that there are', async () => {
    const auth = new Auth({ authCallback: async () => 'a token' });
    onTestFinished(() => auth.dispose());
    await expect(auth.whenState('authorised' as never)).rejects.toMatchObject({
      code: 40003,
      message: 'unknown state "authorised"',
      remediation: 'The states are idle, requesting, authorized, renewing, failed.',
    });
  });
});
