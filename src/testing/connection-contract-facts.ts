import { ErrorInfo } from '../errors.js';
import { type ContractAbility, type Played, same } from './connection-contract-harness.js';

/** Something that must hold of every adapter, and how to see it. */
export interface Fact {
  readonly title: string;
  readonly needs?: readonly ContractAbility[];
  holds(played: Played): Promise<void>;
}

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

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
