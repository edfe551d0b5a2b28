import { ErrorInfo } from '../errors/error-info.js';
import { type Fact, same } from './connection-contract-harness.js';

/** How a connection ends, by its user, by its Auth, or with the user who signs out, and what comes after. */
export const ends: readonly Fact[] = [
  {
    title: 'rejects a token that waits when it is closed',
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      one.harness.close();
      await one.pass();
      same(verdict.outcome, 'rejected', 'the verdict');
    },
  },
  {
    title: 'stays closed once it is closed, whatever there is no token for, and opens again with one',
    async holds(one) {
      await one.connected();
      one.harness.close();
      await one.pass();
      same(one.state, 'closed', 'its state');
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      same(one.state, 'closed', 'its state after there was no token');
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'fails when there will be no token, and rejects the one that waits',
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      same(one.state, 'failed', 'its state');
      same(one.states, ['failed'], 'the states it reports');
      same(verdict.outcome, 'rejected', 'the verdict');
    },
  },
  {
    title: 'is disconnected when there is no token for now, and connects with the one that follows',
    async holds(one) {
      one.harness.connect();
      await one.pass();
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      same(one.state, 'disconnected', 'its state');
      const { outcome } = await one.push('connection.open', 'first');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'stays connected when there is no other token for now',
    async holds(one) {
      await one.connected();
      await one.fail(new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' }), false);
      same([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'connects again after it failed, when it is given a token',
    async holds(one) {
      await one.connected();
      await one.fail(new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' }));
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'is opened by a token for somebody else where it is not connected, whatever it was before',
    async holds(one) {
      const push = async (name: string, before: string) => {
        const { outcome } = await one.push('connection.replace', name);
        same([outcome, one.state], ['accepted', 'connected'], `the verdict and its state, ${before} before`);
        same(one.server.tokens.at(-1), name, `the last token at the server, ${before} before`);
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
      same(waits.outcome, 'rejected', 'the verdict on the token that was tried before');
    },
  },
  {
    title: 'ends when the user signs out, and asks for a token the next time it is to connect',
    needs: ['forget'],
    async holds(one) {
      await one.connected();
      await one.forget();
      same(one.state, 'closed', 'its state after the user signed out');
      same(one.states.at(-1), 'closed', 'the last state it reports');
      one.harness.connect();
      await one.pass();
      same(one.state, 'connecting', 'its state while it waits for a token');
      same([one.count('token.needed'), one.count('token.refused')], [1, 0], 'token.needed, token.refused');
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
      same(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'drops its token when the user signs out after it was closed, and stays closed',
    needs: ['forget'],
    async holds(one) {
      await one.connected();
      one.harness.close();
      await one.pass();
      one.reports.length = 0;
      await one.forget();
      same([one.state, one.reports], ['closed', []], 'its state, and what it reports');
      one.harness.connect();
      await one.pass();
      same(one.count('token.needed'), 1, 'how often token.needed is reported');
      same(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'rejects a token that waits when the user signs out, and does not connect with it',
    needs: ['forget'],
    async holds(one) {
      one.server.hold();
      const verdict = await one.push('connection.open', 'first');
      await one.forget();
      same(verdict.outcome, 'rejected', 'the verdict');
      same(/^clos(ing|ed)$/.test(one.state), true, `that it ends, in ${one.state}`);
      one.server.accept();
      one.harness.connect();
      await one.pass();
      same(one.count('token.needed'), 1, 'how often token.needed is reported');
      same(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'is opened anew when the user signs out and somebody signs in without a pause',
    needs: ['forget'],
    async holds(one) {
      await one.connected();
      one.harness.adapter.forget?.();
      one.harness.connect();
      await one.pass();
      same([one.state, one.count('token.needed')], ['connecting', 1], 'its state, and token.needed');
      const { outcome } = await one.push('connection.replace', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
      same(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'tells the Auth that comes next who is connected, once that can hear it',
    async holds(one) {
      await one.connected();
      one.detach();
      const told: unknown[] = [];
      one.harness.adapter.attach((report) => told.push(report));
      same(told, [], 'what it reports before attach() has returned');
      await one.pass();
      same(told, [{ type: 'identity.confirmed', clientId: 'ada' }], 'what it reports then');
    },
  },
  {
    title: 'reports nothing once it is detached',
    async holds(one) {
      await one.connected();
      one.detach();
      await one.push('connection.upgrade', 'second');
      one.harness.close();
      await one.pass();
      same(one.reports, [], 'what it reports');
    },
  },
];
