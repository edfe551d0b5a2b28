import { ErrorInfo } from '../errors/error-info.js';
import { absenceRules } from './connection-contract-absence.js';
import { closeRules } from './connection-contract-close.js';
import { expectSame, type PortRule } from './connection-contract-harness.js';
import { networkFaultRules } from './connection-contract-network-faults.js';
import { refusalRules } from './connection-contract-refusals.js';
import { terminationRules } from './connection-contract-termination.js';

const expired = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'token expired' });
const forbidden = () => new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' });

/** The rules of the connection port. */
export const rules: readonly PortRule[] = [
  {
    title: 'an adapter without a token asks for one when it connects',
    async check(one) {
      expectSame(one.state, 'initialized', 'its state at the beginning');
      one.harness.connect();
      await one.pass();
      expectSame(one.count('token.needed'), 1, 'how often token.needed is reported');
      expectSame(one.state, 'connecting', 'its state while it waits for the token');
    },
  },
  {
    title: 'an opened adapter connects with its token and reports the states',
    async check(one) {
      const { outcome } = await one.push('connection.open', 'first');
      expectSame(outcome, 'accepted', 'the result of the push');
      expectSame(one.state, 'connected', 'its state');
      expectSame(one.server.tokens, ['first'], 'the tokens at the server');
      expectSame(one.states, ['connecting', 'connected'], 'the states it reports');
    },
  },
  {
    title: 'an adapter waits for the server before it resolves a push',
    async check(one) {
      one.server.hold();
      const opened = await one.push('connection.open', 'first');
      expectSame(opened.outcome, 'waits', 'the result before the server answers');
      expectSame(one.state, 'connecting', 'its state before the server answers');
      one.server.answer('accept');
      await one.pass();
      expectSame(opened.outcome, 'accepted', 'the result after the answer');
      const upgraded = await one.push('connection.upgrade', 'second');
      expectSame(upgraded.outcome, 'waits', 'the result of the upgrade before the server answers');
      one.server.answer('accept');
      await one.pass();
      expectSame(upgraded.outcome, 'accepted', 'the result of the upgrade after the answer');
    },
  },
  {
    title: 'a connected adapter reports the identity of the client',
    async check(one) {
      await one.push('connection.open', 'first');
      const reported = one.reports.filter((report) => report.type === 'identity.confirmed');
      expectSame(reported.at(-1), { type: 'identity.confirmed', clientId: 'ada' }, 'the reported identity');
    },
  },
  {
    title: 'an adapter reports the identity before it resolves the push',
    async check(one) {
      let reported = 0;
      const token = { token: 'token of first', keyName: 'first', clientId: 'ada' };
      const { adapter } = one.harness;
      const accepted = adapter.push({ type: 'connection.open', token }, new AbortController().signal);
      const heard = accepted.then(() => {
        reported = one.count('identity.confirmed');
      });
      await one.pass();
      await heard;
      expectSame(reported > 0, true, 'whether identity.confirmed is reported by then');
    },
  },
  {
    title: 'an upgraded adapter stays connected',
    async check(one) {
      await one.connected();
      const { outcome } = await one.push('connection.upgrade', 'second');
      expectSame(outcome, 'accepted', 'the result of the push');
      expectSame(one.server.tokens, ['first', 'second'], 'the tokens at the server');
      expectSame(one.states, one.statesOfAnUpgrade, 'the states it reports');
      expectSame(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'a replaced adapter connects again with the other token',
    async check(one) {
      await one.connected();
      const { outcome } = await one.push('connection.replace', 'second');
      expectSame(outcome, 'accepted', 'the result of the push');
      expectSame(one.states, ['connecting', 'connected'], 'the states it reports');
      expectSame(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title:
      "an adapter whose first token the server refuses for good rejects with the server's error and fails",
    async check(one) {
      one.server.refuse(forbidden());
      const { outcome, error } = await one.push('connection.open', 'first');
      expectSame(outcome, 'rejected', 'the result of the push');
      expectSame(codeOf(error), 40102, 'the code of the error');
      expectSame(one.state, 'failed', 'its state');
    },
  },
  {
    title: 'an adapter reports an expired token and connects with the next one at once',
    async check(one) {
      one.server.refuse(expired());
      const { outcome, error } = await one.push('connection.open', 'first');
      expectSame(outcome, 'rejected', 'the result of the push');
      expectSame(codeOf(error), 40142, 'the code of the error');
      expectSame(one.count('token.refused'), 1, 'how often token.refused is reported');
      one.server.accept();
      const next = await one.push('connection.open', 'second');
      expectSame(next.outcome, 'accepted', 'the result of the next token');
    },
  },
  {
    title: "an adapter whose upgrade the server refuses for good rejects with the server's error and fails",
    async check(one) {
      await one.connected();
      one.server.refuse(forbidden());
      const { outcome, error } = await one.push('connection.upgrade', 'second');
      expectSame(outcome, 'rejected', 'the result of the push');
      expectSame(codeOf(error), 40102, 'the code of the error');
      expectSame(one.state, 'failed', 'its state');
    },
  },
  {
    title: 'an adapter drops a pending token when it receives a newer one',
    async check(one) {
      one.server.hold();
      const first = await one.push('connection.open', 'first');
      one.server.accept();
      const second = await one.push('connection.open', 'second');
      expectSame(first.outcome, 'rejected', 'the result of the earlier token');
      expectSame(second.outcome, 'accepted', 'the result of the later token');
      expectSame(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'an adapter whose attempt is halted stays connecting and connects with the next token',
    async check(one) {
      const { adapter } = one.harness;
      one.server.hold();
      await one.push('connection.open', 'first');
      adapter.halt?.();
      await one.pass();
      expectSame(one.state, 'connecting', 'its state after it was halted');
      if (adapter.halt !== undefined) {
        one.server.answer('accept');
        await one.pass();
        expectSame(
          one.states,
          ['connecting'],
          'the states it reports after the server accepted the older token',
        );
      }
      one.server.accept();
      const second = await one.push('connection.open', 'second');
      expectSame(second.outcome, 'accepted', 'the result of the next token');
      expectSame(one.server.tokens.at(-1), 'second', 'the last token at the server');
      expectSame(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'a pending push rejects with the reason of the signal when the signal aborts',
    async check(one) {
      await one.connected();
      one.server.hold();
      const pushed = await one.push('connection.upgrade', 'second');
      const reason = new Error('the push was aborted');
      if (!one.isInPlace) one.server.accept();
      pushed.abort.abort(reason);
      await one.pass();
      expectSame(pushed.outcome, 'rejected', 'the result of the push');
      expectSame(pushed.error === reason, true, 'whether it rejects with the reason of the signal');
      expectSame(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'an adapter does not connect with a token whose push was aborted',
    async check(one) {
      one.server.hold();
      const pushed = await one.push('connection.open', 'first');
      pushed.abort.abort();
      await one.pass();
      one.server.answer('accept');
      await one.pass();
      expectSame(one.states.includes('connected'), false, 'whether it reports connected');
      one.server.accept();
      const { outcome } = await one.push('connection.open', 'second');
      expectSame([outcome, one.state], ['accepted', 'connected'], 'the result of the push and its state');
      expectSame(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'an adapter does not send a token whose signal is aborted already',
    async check(one) {
      await one.connected();
      const event = { type: 'connection.upgrade', token: { token: 'late', keyName: 'late' } } as const;
      const pushed = await one.harness.adapter.push(event, AbortSignal.abort()).then(
        () => 'accepted',
        () => 'rejected',
      );
      await one.pass();
      expectSame(pushed, 'rejected', 'the result of the push');
      expectSame(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  ...terminationRules,
  ...closeRules,
  ...networkFaultRules,
  ...refusalRules,
  ...absenceRules,
];

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
