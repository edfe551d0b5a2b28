import { ErrorInfo } from '../errors/error-info.js';
import { type AdapterTester, expectSame, type PortRule } from './connection-contract-harness.js';

/** Closes in one state. Nothing is presented by itself afterwards, and the next token opens the connection. */
async function closes(one: AdapterTester, allowed: readonly string[] = ['closed']): Promise<void> {
  const before = [...one.server.tokens];
  const expectOver = (when: string, states: readonly string[]) =>
    expectSame(
      states.includes(one.state),
      true,
      `whether its state ${when}, ${one.state}, is ${states.join(' or ')}`,
    );
  one.harness.close();
  await one.pass();
  expectOver('after the close', [...allowed, 'closing']);
  one.server.accept();
  await one.pass(60_000);
  expectOver('a minute after the close', allowed);
  expectSame(one.server.tokens, before, 'the tokens at the server, a minute after the close');
  const { outcome } = await one.push('connection.open', 'next');
  expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the next token and its state');
}

/** The rules for a close in each state. */
export const closeRules: readonly PortRule[] = [
  {
    title: 'an adapter that never connected can be closed',
    check: (one) => closes(one, ['closed', 'initialized']),
  },
  {
    title: 'an adapter that waits for its token can be closed',
    async check(one) {
      one.harness.connect();
      await one.pass();
      await closes(one);
    },
  },
  {
    title: 'an adapter that waits for an answer can be closed',
    async check(one) {
      one.server.hold();
      const pushed = await one.push('connection.open', 'first');
      await closes(one);
      expectSame(pushed.outcome, 'rejected', 'the result of the token that waited');
    },
  },
  {
    title: 'a connected adapter can be closed, once and again',
    async check(one) {
      await one.connected();
      one.harness.close();
      await one.pass();
      await closes(one);
    },
  },
  {
    title: 'an adapter without a token for now can be closed',
    async check(one) {
      one.harness.connect();
      await one.pass();
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      await closes(one);
    },
  },
  {
    title: 'a failed adapter can be closed',
    async check(one) {
      await one.connected();
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'not allowed' }));
      await closes(one, ['closed', 'failed']);
    },
  },
  {
    title: 'an adapter whose server is away can be closed',
    needs: ['away'],
    async check(one) {
      await one.connected();
      one.server.leave?.();
      await one.pass();
      one.harness.close();
      await one.pass();
      one.server.comeBack?.();
      await closes(one);
    },
  },
];
