import { ErrorInfo } from '../errors/error-info.js';
import { expectSame, type PortRule } from './connection-contract-harness.js';

/** The rules for a connection that ends by its user, its Auth or a sign-out, and for what follows. */
export const terminationRules: readonly PortRule[] = [
  {
    title: 'a closed adapter rejects its pending token',
    async check(one) {
      await one.connected();
      one.server.hold();
      const pushed = await one.push('connection.upgrade', 'second');
      one.harness.close();
      await one.pass();
      expectSame(pushed.outcome, 'rejected', 'the result of the push');
    },
  },
  {
    title: 'a closed adapter stays closed when there is no token, and connects with the next token',
    async check(one) {
      await one.connected();
      one.harness.close();
      await one.pass();
      expectSame(one.state, 'closed', 'its state');
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      expectSame(one.state, 'closed', 'its state after there was no token');
      const { outcome } = await one.push('connection.open', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
    },
  },
  {
    title: 'an adapter fails when there will be no token, and rejects its pending token',
    async check(one) {
      await one.connected();
      one.server.hold();
      const pushed = await one.push('connection.upgrade', 'second');
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      expectSame(one.state, 'failed', 'its state');
      expectSame(one.states.at(-1), 'failed', 'the last state it reports');
      expectSame(pushed.outcome, 'rejected', 'the result of the push');
    },
  },
  {
    title: 'a connecting adapter without a token for now is disconnected and connects with the next token',
    async check(one) {
      one.harness.connect();
      await one.pass();
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      expectSame(one.state, 'disconnected', 'its state');
      const { outcome } = await one.push('connection.open', 'first');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
    },
  },
  {
    title: 'a connected adapter without a new token for now stays connected',
    async check(one) {
      await one.connected();
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      expectSame([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'a failed adapter connects again when it receives a token',
    async check(one) {
      await one.connected();
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      const { outcome } = await one.push('connection.open', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
    },
  },
  {
    title: 'an adapter that is not connected connects with a token for another client',
    async check(one) {
      const push = async (name: string, before: string) => {
        const { outcome } = await one.push('connection.replace', name);
        expectSame(
          [outcome, one.state],
          ['accepted', 'connected'],
          `the result of the push and its state, ${before} before`,
        );
        expectSame(one.server.tokens.at(-1), name, `the last token at the server, ${before} before`);
      };
      await push('first', 'initialized');
      one.harness.close();
      await one.pass();
      await push('second', 'closed');
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'not allowed' }));
      await push('third', 'failed');
      one.harness.close();
      await one.pass();
      one.server.hold();
      const waits = await one.push('connection.open', 'fourth');
      one.server.accept();
      await push('fifth', 'connecting');
      expectSame(waits.outcome, 'rejected', 'the result of the token that was tried before');
    },
  },
  {
    title: 'an adapter closes when the user signs out and asks for a token at the next connect',
    needs: ['forget'],
    async check(one) {
      await one.connected();
      await one.forget();
      expectSame(one.state, 'closed', 'its state after the user signed out');
      expectSame(one.states.at(-1), 'closed', 'the last state it reports');
      one.harness.connect();
      await one.pass();
      expectSame(one.state, 'connecting', 'its state while it waits for a token');
      expectSame(
        [one.count('token.needed'), one.count('token.refused')],
        [1, 0],
        'token.needed, token.refused',
      );
      const { outcome } = await one.push('connection.open', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
      expectSame(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'a closed adapter drops its token when the user signs out and stays closed',
    needs: ['forget'],
    async check(one) {
      await one.connected();
      one.harness.close();
      await one.pass();
      one.reports.length = 0;
      await one.forget();
      expectSame([one.state, one.reports], ['closed', []], 'its state, and what it reports');
      one.harness.connect();
      await one.pass();
      expectSame(one.count('token.needed'), 1, 'how often token.needed is reported');
      expectSame(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter rejects its pending token when the user signs out and does not connect with it',
    needs: ['forget'],
    async check(one) {
      one.server.hold();
      const pushed = await one.push('connection.open', 'first');
      await one.forget();
      expectSame(pushed.outcome, 'rejected', 'the result of the push');
      expectSame(/^clos(ing|ed)$/.test(one.state), true, `whether it closes, in state ${one.state}`);
      one.server.accept();
      one.harness.connect();
      await one.pass();
      expectSame(one.count('token.needed'), 1, 'how often token.needed is reported');
      expectSame(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter connects for the next user who signs in right after a sign-out',
    needs: ['forget'],
    async check(one) {
      await one.connected();
      one.harness.adapter.forget?.();
      one.harness.connect();
      await one.pass();
      expectSame([one.state, one.count('token.needed')], ['connecting', 1], 'its state, and token.needed');
      const { outcome } = await one.push('connection.replace', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
      expectSame(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter reports the connected identity to the next Auth after attach() has returned',
    async check(one) {
      await one.connected();
      one.detach();
      const reported: unknown[] = [];
      one.harness.adapter.attach((report) => reported.push(report));
      expectSame(reported, [], 'what it reports before attach() has returned');
      await one.pass();
      expectSame(reported, [{ type: 'identity.confirmed', clientId: 'ada' }], 'what it reports after that');
    },
  },
  {
    title: 'a detached adapter reports nothing',
    async check(one) {
      await one.connected();
      one.detach();
      await one.push('connection.upgrade', 'second');
      one.harness.close();
      await one.pass();
      expectSame(one.reports, [], 'what it reports');
    },
  },
];
