import { ErrorInfo } from '../errors/error-info.js';
import { type Fact, same } from './connection-contract-harness.js';
import { weather } from './connection-contract-network-faults.js';
import { ends } from './connection-contract-termination.js';

const expired = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'token expired' });
const forbidden = () => new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' });

/** The port, fact by fact. */
export const facts: readonly Fact[] = [
  {
    title: 'asks for a token when it is to connect and has none',
    async holds(one) {
      same(one.state, 'initialized', 'its state at the beginning');
      one.harness.connect();
      await one.pass();
      same(one.count('token.needed'), 1, 'how often token.needed is reported');
      same(one.state, 'connecting', 'its state while it waits for the token');
    },
  },
  {
    title: 'connects with the token that it is opened with, and says so',
    async holds(one) {
      const { outcome } = await one.push('connection.open', 'first');
      same(outcome, 'accepted', 'the verdict');
      same(one.state, 'connected', 'its state');
      same(one.server.tokens, ['first'], 'the tokens at the server');
      same(one.states, ['connecting', 'connected'], 'the states it reports');
    },
  },
  {
    title: 'does not say accepted before the server does',
    async holds(one) {
      one.server.hold();
      const opened = await one.push('connection.open', 'first');
      same(opened.outcome, 'waits', 'the verdict while the server is silent');
      same(one.state, 'connecting', 'its state while the server is silent');
      one.server.answer('accept');
      await one.pass();
      same(opened.outcome, 'accepted', 'the verdict after the answer');
      const upgraded = await one.push('connection.upgrade', 'second');
      same(upgraded.outcome, 'waits', 'the verdict on the upgrade while the server is silent');
      one.server.answer('accept');
      await one.pass();
      same(upgraded.outcome, 'accepted', 'the verdict on the upgrade after the answer');
    },
  },
  {
    title: 'says who the client is',
    async holds(one) {
      await one.push('connection.open', 'first');
      const told = one.reports.filter((report) => report.type === 'identity.confirmed');
      same(told.at(-1), { type: 'identity.confirmed', clientId: 'ada' }, 'what it reports of the identity');
    },
  },
  {
    title: 'says who the client is no later than it says accepted, so that nobody goes on as somebody else',
    async holds(one) {
      let told = 0;
      const token = { token: 'token of first', keyName: 'first', clientId: 'ada' };
      const { adapter } = one.harness;
      const accepted = adapter.push({ type: 'connection.open', token }, new AbortController().signal);
      const heard = accepted.then(() => {
        told = one.count('identity.confirmed');
      });
      await one.pass();
      await heard;
      same(told > 0, true, 'that identity.confirmed is reported by then');
    },
  },
  {
    title: 'is upgraded in place: it never leaves connected',
    async holds(one) {
      await one.connected();
      const { outcome } = await one.push('connection.upgrade', 'second');
      same(outcome, 'accepted', 'the verdict');
      same(one.server.tokens, ['first', 'second'], 'the tokens at the server');
      same(one.states, [], 'the states it reports');
    },
  },
  {
    title: 'is replaced: a connection anew, with the other token',
    async holds(one) {
      await one.connected();
      const { outcome } = await one.push('connection.replace', 'second');
      same(outcome, 'accepted', 'the verdict');
      same(one.states, ['connecting', 'connected'], 'the states it reports');
      same(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'rejects with the error of a server that refuses the token it is opened with',
    async holds(one) {
      one.server.refuse(forbidden());
      const { outcome, error } = await one.push('connection.open', 'first');
      same(outcome, 'rejected', 'the verdict');
      same(codeOf(error), 40102, 'the code of the error');
      same(one.state, 'failed', 'its state');
    },
  },
  {
    title: 'reports a token that the server will not connect with, and connects with the next at once',
    async holds(one) {
      one.server.refuse(expired());
      const { outcome, error } = await one.push('connection.open', 'first');
      same(outcome, 'rejected', 'the verdict');
      same(codeOf(error), 40142, 'the code of the error');
      same(one.count('token.refused'), 1, 'how often token.refused is reported');
      one.server.accept();
      const next = await one.push('connection.open', 'second');
      same(next.outcome, 'accepted', 'the verdict on the next token');
    },
  },
  {
    title: 'rejects with the error of a server that refuses an upgrade for good, and fails',
    async holds(one) {
      await one.connected();
      one.server.refuse(forbidden());
      const { outcome, error } = await one.push('connection.upgrade', 'second');
      same(outcome, 'rejected', 'the verdict');
      same(codeOf(error), 40102, 'the code of the error');
      same(one.state, 'failed', 'its state');
    },
  },
  {
    title: 'lets a later token take the place of an earlier one',
    async holds(one) {
      one.server.hold();
      const first = await one.push('connection.open', 'first');
      one.server.accept();
      const second = await one.push('connection.open', 'second');
      same(first.outcome, 'rejected', 'the verdict on the earlier token');
      same(second.outcome, 'accepted', 'the verdict on the later token');
      same(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title:
      'stays connecting when an attempt is halted, where it can be, and connects with the token that follows',
    async holds(one) {
      const { adapter } = one.harness;
      one.server.hold();
      await one.push('connection.open', 'first');
      adapter.halt?.();
      await one.pass();
      same(one.state, 'connecting', 'its state after it was halted');
      if (adapter.halt !== undefined) {
        one.server.answer('accept');
        await one.pass();
        same(
          one.states,
          ['connecting'],
          'the states it reports after the server took the older token all the same',
        );
      }
      one.server.accept();
      const second = await one.push('connection.open', 'second');
      same(second.outcome, 'accepted', 'the verdict on the token that follows');
      same(one.server.tokens.at(-1), 'second', 'the last token at the server');
      same(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'stops to wait when the signal aborts, with the reason of the signal',
    async holds(one) {
      await one.connected();
      one.server.hold();
      const verdict = await one.push('connection.upgrade', 'second');
      const reason = new Error('nobody waits any more');
      verdict.abort.abort(reason);
      await one.pass();
      same(verdict.outcome, 'rejected', 'the verdict');
      same(verdict.error === reason, true, 'that it rejects with the reason of the signal');
      same(one.state, 'connected', 'its state');
    },
  },
  {
    title: 'does not connect with a token that nobody waits for any more',
    async holds(one) {
      one.server.hold();
      const verdict = await one.push('connection.open', 'first');
      verdict.abort.abort();
      await one.pass();
      one.server.answer('accept');
      await one.pass();
      same(one.states.includes('connected'), false, 'that it says connected');
      one.server.accept();
      const { outcome } = await one.push('connection.open', 'second');
      same([outcome, one.state], ['accepted', 'connected'], 'the verdict and its state');
      same(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'does not push what was aborted before',
    async holds(one) {
      await one.connected();
      const event = { type: 'connection.upgrade', token: { token: 'late', keyName: 'late' } } as const;
      const verdict = await one.harness.adapter.push(event, AbortSignal.abort()).then(
        () => 'accepted',
        () => 'rejected',
      );
      await one.pass();
      same(verdict, 'rejected', 'the verdict');
      same(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  ...ends,
  ...weather,
];

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
