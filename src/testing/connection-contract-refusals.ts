import { ErrorInfo } from '../errors/error-info.js';
import { expectSame, isNamed, type PortRule } from './connection-contract-harness.js';

const expired = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'token expired' });

/** The rules for tokens that the server refuses, or never answers. */
export const refusalRules: readonly PortRule[] = [
  {
    title: 'an adapter does not present a refused token again',
    async check(one) {
      one.server.refuse(expired());
      await one.push('connection.open', 'first');
      one.harness.connect();
      await one.pass(60_000);
      expectSame(one.presented('first'), 1, 'how often the refused token was presented');
      one.server.accept();
      const { outcome } = await one.push('connection.open', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
      expectSame(one.presented('first'), 1, 'how often the refused token was presented by then');
    },
  },
  {
    title: 'an adapter does not present a token again that the server refused while it was connected',
    needs: ['expire'],
    async check(one) {
      await one.connected();
      one.server.expire?.();
      await one.pass();
      one.harness.connect();
      await one.pass(60_000);
      expectSame(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter does not present a refused upgrade again after its transport breaks',
    needs: ['drop'],
    async check(one) {
      if (one.harness.isRefusalClear === false) return;
      await one.connected();
      one.server.refuse(expired());
      const { outcome } = await one.push('connection.upgrade', 'second');
      expectSame(outcome, 'rejected', 'the result of the push');
      one.server.accept();
      one.server.drop?.();
      await one.pass(60_000);
      expectSame(one.presented('second'), 1, 'how often the refused token was presented');
      const third = await one.push('connection.open', 'third');
      expectSame(third.outcome, 'accepted', 'the result of the next token');
    },
  },
  {
    title: 'an adapter gives up a server that never answers its first token and says why',
    needs: ['silence'],
    async check(one) {
      one.server.hold();
      const pushed = await one.push('connection.open', 'first');
      await one.pass(one.harness.firstAnswerTimeoutMs ?? 0);
      const reasons = one.reports.map((report) => 'reason' in report && report.reason);
      expectSame(
        isNamed(pushed.error) || reasons.some(isNamed),
        true,
        'whether it rejects or reports with an error that has a code and a message',
      );
      expectSame(one.state === 'connected', false, 'whether it counts as connected');
      one.server.accept();
      const { outcome } = await one.push('connection.open', 'second');
      await one.until(() => one.state === 'connected');
      expectSame(outcome, 'accepted', 'the result of the next token');
    },
  },
];
