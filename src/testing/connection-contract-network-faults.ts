import { ErrorInfo } from '../errors/error-info.js';
import { type Fact, same } from './connection-contract-harness.js';

const forbidden = () => new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' });

/** What servers and transports do by themselves. */
export const weather: readonly Fact[] = [
  {
    title: 'passes on that the server asks for a token, and stays connected',
    needs: ['ask'],
    async holds(one) {
      await one.connected();
      one.server.ask?.();
      await one.pass();
      same(one.count('token.asked'), 1, 'how often token.asked is reported');
      same([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'sends the token that the server asked for once',
    needs: ['ask'],
    async holds(one) {
      await one.connected();
      one.server.ask?.();
      await one.pass();
      const { outcome } = await one.push('connection.upgrade', 'second');
      same(outcome, 'accepted', 'the verdict');
      same(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'reports that its token died, and connects with the next at once',
    needs: ['expire'],
    async holds(one) {
      await one.connected();
      one.server.expire?.();
      await one.pass();
      same(one.count('token.refused'), 1, 'how often token.refused is reported');
      same(one.count('token.needed'), 0, 'how often token.needed is reported beside it');
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'comes back by itself after its transport broke, with the same token',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.drop?.();
      await one.pass();
      same(one.server.tokens, ['first', 'first'], 'the tokens at the server');
      same(one.states.at(-1), 'connected', 'the last state it reports');
      same(one.count('token.needed') + one.count('token.refused'), 0, 'the tokens it asks for');
    },
  },
  {
    title: 'comes back with the new token when its transport breaks before the answer, and the wait goes on',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      one.server.accept();
      one.server.drop?.();
      await one.pass();
      same(verdict.outcome, 'accepted', 'the verdict');
      same(one.server.tokens, ['first', 'second', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'comes back with the token accepted last after a wait was given up',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      verdict.abort.abort();
      one.server.accept();
      one.server.drop?.();
      await one.pass();
      same(one.server.tokens.at(-1), 'first', 'the last token at the server');
      same(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'goes back to the token accepted last when nobody waits for the one it connects with',
    needs: ['drop'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      one.server.drop?.();
      await one.pass();
      const verdict = await one.push('connection.open', 'second');
      one.server.accept();
      verdict.abort.abort();
      await one.pass();
      same(one.server.tokens.at(-1), 'first', 'the last token at the server');
      same([verdict.outcome, one.state], ['rejected', 'connected'], 'the verdict and its state');
    },
  },
  {
    title: 'gives up waiting for an answer that does not come, and goes on as it was',
    needs: ['timeout'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      await one.pass((one.harness.answerTimeoutMs ?? 0) - 1);
      same(verdict.outcome, 'waits', 'the verdict before that time');
      await one.pass(1);
      same(verdict.outcome, 'rejected', 'the verdict after that time');
      same([one.state, one.states], ['connected', []], 'its state, and the states it reports');
    },
  },
  {
    title: 'accepts the next token, and the one after, when an answer never came',
    needs: ['timeout'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const lost = await one.push('connection.upgrade', 'second');
      await one.pass(one.harness.answerTimeoutMs ?? 0);
      same(lost.outcome, 'rejected', 'the verdict on the token that was not answered');
      one.server.accept();
      for (const name of ['third', 'fourth']) {
        const { outcome } = await one.push('connection.upgrade', name);
        same([outcome, one.state], ['accepted', 'connected'], `the verdict on the ${name}, and its state`);
        same(one.server.tokens.at(-1), name, 'the last token at the server');
      }
    },
  },
  {
    title: 'does not take a late answer for the answer to a later token',
    needs: ['late'],
    async holds(one) {
      await one.connected();
      one.server.hold();
      const first = await one.push('connection.upgrade', 'second');
      first.abort.abort();
      const second = await one.push('connection.upgrade', 'third');
      one.server.answer('accept');
      await one.pass();
      same(second.outcome, 'waits', 'the verdict on the later token after the late answer');
      one.server.answer(forbidden());
      await one.pass();
      same(second.outcome, 'rejected', 'the verdict on the later token after its own answer');
    },
  },
];
