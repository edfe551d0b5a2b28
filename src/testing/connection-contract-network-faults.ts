import { ErrorInfo } from '../errors/error-info.js';
import { expectSame, isNamed, type PortRule } from './connection-contract-harness.js';

const forbidden = () => new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' });

/** The rules for servers and transports that act by themselves. */
export const networkFaultRules: readonly PortRule[] = [
  {
    title: 'an adapter reports that the server asks for a token and stays connected',
    needs: ['ask'],
    async check(one) {
      await one.connected();
      one.server.ask?.();
      await one.pass();
      expectSame(one.count('token.asked'), 1, 'how often token.asked is reported');
      expectSame([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'an adapter sends the token that the server asked for once',
    needs: ['ask'],
    async check(one) {
      await one.connected();
      one.server.ask?.();
      await one.pass();
      const { outcome } = await one.push('connection.upgrade', 'second');
      expectSame(outcome, 'accepted', 'the result of the push');
      expectSame(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter reports that its token expired and connects with the next one at once',
    needs: ['expire'],
    async check(one) {
      await one.connected();
      one.server.expire?.();
      await one.pass();
      expectSame(one.count('token.refused'), 1, 'how often token.refused is reported');
      expectSame(one.count('token.needed'), 0, 'how often token.needed is reported too');
      const { outcome } = await one.push('connection.open', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
    },
  },
  {
    title: 'an adapter whose transport breaks reconnects with the same token',
    needs: ['drop'],
    async check(one) {
      await one.connected();
      one.server.drop?.();
      await one.pass();
      expectSame(one.server.tokens, ['first', 'first'], 'the tokens at the server');
      expectSame(one.states.at(-1), 'connected', 'the last state it reports');
      expectSame(one.count('token.needed') + one.count('token.refused'), 0, 'the tokens it asks for');
    },
  },
  {
    title:
      'an adapter whose transport breaks before the answer reconnects with the new token and resolves the push',
    needs: ['drop'],
    async check(one) {
      await one.connected();
      one.server.hold();
      const pushed = await one.push('connection.upgrade', 'second');
      one.server.accept();
      one.server.drop?.();
      await one.pass();
      await one.until(() => pushed.outcome !== 'waits');
      expectSame(pushed.outcome, 'accepted', 'the result of the push');
      expectSame(one.server.tokens, ['first', 'second', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter reconnects with the last accepted token after an upgrade was aborted',
    needs: ['drop'],
    async check(one) {
      await one.connected();
      one.server.hold();
      const pushed = await one.push('connection.upgrade', 'second');
      pushed.abort.abort();
      one.server.accept();
      one.server.drop?.();
      await one.pass();
      expectSame(one.server.tokens.at(-1), 'first', 'the last token at the server');
      expectSame(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'a connecting adapter falls back to the last accepted token when its push is aborted',
    needs: ['drop'],
    async check(one) {
      await one.connected();
      one.server.hold();
      one.server.drop?.();
      await one.pass();
      const pushed = await one.push('connection.open', 'second');
      one.server.accept();
      pushed.abort.abort();
      await one.pass();
      expectSame(one.server.tokens.at(-1), 'first', 'the last token at the server');
      expectSame(
        [pushed.outcome, one.state],
        ['rejected', 'connected'],
        'the result of the push and its state',
      );
    },
  },
  {
    title: 'an adapter rejects an upgrade without an answer after its timeout and stays connected',
    needs: ['timeout'],
    async check(one) {
      await one.connected();
      one.server.hold();
      const pushed = await one.push('connection.upgrade', 'second');
      await one.pass((one.harness.answerTimeoutMs ?? 0) - 1);
      expectSame(pushed.outcome, 'waits', 'the result before the timeout');
      await one.pass(1);
      expectSame(pushed.outcome, 'rejected', 'the result after the timeout');
      expectSame(
        isNamed(pushed.error),
        true,
        'whether it rejects with an error that has a code and a message',
      );
      if (one.isInPlace) expectSame(one.states, [], 'the states it reports');
      one.server.accept();
      await one.until(() => one.state === 'connected');
      expectSame(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'an adapter accepts later tokens after an upgrade without an answer',
    needs: ['timeout'],
    async check(one) {
      await one.connected();
      one.server.hold();
      const lost = await one.push('connection.upgrade', 'second');
      await one.pass(one.harness.answerTimeoutMs ?? 0);
      expectSame(lost.outcome, 'rejected', 'the result of the token that was not answered');
      one.server.accept();
      for (const name of ['third', 'fourth']) {
        const { outcome } = await one.push('connection.upgrade', name);
        expectSame(
          [outcome, one.state],
          ['accepted', 'connected'],
          `the result of the ${name} token, and its state`,
        );
        expectSame(one.server.tokens.at(-1), name, 'the last token at the server');
      }
    },
  },
  {
    title: 'an adapter does not mistake a late answer for the answer to a later token',
    needs: ['late'],
    async check(one) {
      await one.connected();
      one.server.hold();
      const first = await one.push('connection.upgrade', 'second');
      first.abort.abort();
      const second = await one.push('connection.upgrade', 'third');
      one.server.answer('accept');
      await one.pass();
      expectSame(second.outcome, 'waits', 'the result of the later token after the late answer');
      one.server.answer(forbidden());
      await one.pass();
      expectSame(second.outcome, 'rejected', 'the result of the later token after its own answer');
    },
  },
];
