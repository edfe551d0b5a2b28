import { describe, expect, it } from 'vitest';
import { ConnectionLink } from '../../src/client/connection-link.js';
import type { ConnectionReport, ConnectionState } from '../../src/connection/port.js';
import { ErrorInfo } from '../../src/errors.js';
import { Sealed } from '../../src/token/sealed.js';

const token = (name: string) => new Sealed({ token: name }, 'token');
const down = () => new ErrorInfo({ code: 40170, message: 'the source is down' });

/** A connection that does nothing but write down what it is told. */
function setUp(state: ConnectionState) {
  const told: string[] = [];
  const ends: (() => void)[] = [];
  let report: (report: ConnectionReport) => void = () => {};
  const adapter = {
    state,
    push: (event: { readonly type: string }) => {
      told.push(event.type);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
    attach: (listener: typeof report) => {
      report = listener;
      return () => {};
    },
    halt: () => told.push('halt'),
    hurry: () => told.push('hurry'),
  };
  const link = new ConnectionLink(adapter, undefined, {
    pushed: () => {},
    reported: () => {},
    refused: () => {},
    held: () => null,
  });
  const become = (next: ConnectionState) => {
    adapter.state = next;
    report({ type: 'connection.changed', state: next });
  };
  return { link, told, become, answer: () => ends.shift()?.() };
}

describe("the client's end of a connection", () => {
  it('gives the next token to a connection that was halted in vain', () => {
    const { link, told } = setUp('connecting');
    link.halt();
    link.delay(down());
    link.offer(token('next'));
    link.offer(token('one more'));
    expect(told).toEqual(['halt', 'connection.fail', 'connection.open']);
  });

  it('gives no token to one that was closed while it waited', () => {
    const { link, told, become } = setUp('connecting');
    link.halt();
    link.delay(down());
    become('closed');
    link.offer(token('next'));
    expect(told).toEqual(['halt', 'connection.fail']);
  });

  it('hurries a connection that has not answered, and no other', async () => {
    const { link, told, answer } = setUp('connected');
    link.hurry();
    const presented = link.present(token('next'), false, new AbortController().signal);
    link.hurry();
    answer();
    await presented;
    link.hurry();
    expect(told).toEqual(['connection.upgrade', 'hurry']);
  });

  it('hurries none that is being opened', () => {
    const { link, told } = setUp('connecting');
    link.present(token('next'), false, new AbortController().signal);
    link.hurry();
    expect(told).toEqual(['connection.open']);
  });
});
