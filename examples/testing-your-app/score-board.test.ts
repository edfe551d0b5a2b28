import { ErrorInfo } from 'latchkey';
import { fakeConnection, Scenario, scriptedSource } from 'latchkey/testing';
import { afterEach, expect, it } from 'vitest';
import { ScoreBoard } from './score-board.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let board: ScoreBoard;

/** A board on its own device, with a source of one-hour tokens and a connection without a server. */
function setUp() {
  const device = new Scenario();
  const source = scriptedSource(device.clock, { ttl: HOUR });
  const connection = fakeConnection();
  const tokens: string[] = [];
  const load = async (token: string) => {
    tokens.push(token);
    return ['1 : 0'];
  };
  board = new ScoreBoard(connection, load, { authCallback: source.authCallback, ...device.options });
  return { device, source, connection, tokens };
}

afterEach(() => board.close());

it('the board goes live when the user signs in', async () => {
  const { connection, tokens } = setUp();
  expect(board.banner).toBe('signed out');
  await board.signIn();
  expect([board.banner, board.scores]).toEqual(['live', ['1 : 0']]);
  expect(tokens).toEqual(['scripted-token-1']);
  expect(connection.pushes.map(({ type }) => type)).toEqual(['connection.open']);
});

it('the board stays live for a day: tokens are replaced on the open connection', async () => {
  const { device, source, connection } = setUp();
  await board.signIn();
  await device.clock.advance(24 * HOUR);
  expect(board.banner).toBe('live');
  expect(source.calls).toBeGreaterThanOrEqual(24);
  expect(connection.state).toBe('connected');
  expect(new Set(connection.pushes.slice(1).map(({ type }) => type))).toEqual(
    new Set(['connection.upgrade']),
  );
});

it('the board shows that it reconnects while the token endpoint is down, and recovers by itself', async () => {
  const { device, source } = setUp();
  await board.signIn();
  source.goDown();
  await device.until(() => board.banner === 'reconnecting', 2 * HOUR);
  source.comeUp();
  await device.until(() => board.banner === 'live', 6 * MINUTE);
});

it('the board loads with a new token when the laptop wakes up after the old token expired', async () => {
  const { device, tokens } = setUp();
  await board.signIn();
  await device.sleepFor(8 * HOUR);
  await board.refresh();
  expect([board.banner, tokens]).toEqual(['live', ['scripted-token-1', 'scripted-token-2']]);
});

it('the board sends no requests without a network, and reconnects when the network is back', async () => {
  const { device, source } = setUp();
  await board.signIn();
  device.goOffline();
  source.goDown();
  await device.sleepFor(2 * HOUR);
  const asked = source.calls;
  await device.clock.advance(30_000);
  expect([board.banner, source.calls]).toEqual(['reconnecting', asked]);
  source.comeUp();
  await device.goOnline();
  expect(board.banner).toBe('live');
});

it('the board tells a user who may not see the scores any more', async () => {
  const { device, source, connection } = setUp();
  await board.signIn();
  source.goDown(new ErrorInfo({ code: 40300, message: 'the subscription ended' }));
  await device.until(() => board.banner === 'not allowed', 2 * HOUR);
  expect(connection.pushes.at(-1)?.type).toBe('connection.fail');
});

it('the board waits for a silent endpoint no longer than the deadline', async () => {
  const { device, source } = setUp();
  source.script('hang');
  const signedIn = board.signIn().catch((error: ErrorInfo) => error.code);
  await device.clock.advance(10_000);
  expect([await signedIn, source.aborted]).toEqual([40170, 1]);
});

it('the board forgets everything when the user signs out', async () => {
  const { device, source, connection } = setUp();
  await board.signIn();
  board.signOut();
  expect(connection.state).toBe('closed');
  await device.clock.advance(24 * HOUR);
  expect([board.banner, board.scores, source.calls]).toEqual(['signed out', [], 1]);
});

it('the board shows no score that arrives after the user signed out', async () => {
  setUp();
  await board.signIn();
  const refreshed = board.refresh();
  board.signOut();
  await refreshed;
  expect([board.banner, board.scores]).toEqual(['signed out', []]);
});

it('the board connects the next user with that user’s own token', async () => {
  const { connection, tokens } = setUp();
  await board.signIn();
  board.signOut();
  await board.signIn();
  expect([board.banner, connection.state]).toEqual(['live', 'connected']);
  expect(tokens).toEqual(['scripted-token-1', 'scripted-token-2']);
});
