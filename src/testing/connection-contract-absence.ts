import { expectSame, type PortRule } from './connection-contract-harness.js';

/** The rules for a server that is away for a while, and for what an app has subscribed meanwhile. */
export const absenceRules: readonly PortRule[] = [
  {
    title: 'an adapter connects with a token that was pushed while the server was away',
    needs: ['away'],
    async check(one) {
      await one.connected();
      one.server.leave?.();
      await one.pass();
      const pushed = await one.push('connection.open', 'second');
      expectSame(pushed.outcome, 'waits', 'the result while the server is away');
      one.server.comeBack?.();
      await one.until(() => pushed.outcome !== 'waits');
      expectSame([pushed.outcome, one.state], ['accepted', 'connected'], 'the result and its state');
      expectSame(one.server.tokens.at(-1), 'second', 'the last token at the server');
    },
  },
  {
    title: 'an adapter that is away connects by itself with the token to use next',
    needs: ['away'],
    async check(one) {
      await one.connected();
      one.server.leave?.();
      await one.until(() => one.state === 'disconnected');
      const { adapter } = one.harness;
      if (adapter.useNext === undefined) return;
      adapter.useNext({ token: 'token of second', keyName: 'second', clientId: 'ada' });
      one.server.comeBack?.();
      await one.until(() => one.state === 'connected');
      expectSame(one.state, 'connected', 'its state');
      expectSame(one.server.tokens, ['first', 'second'], 'the tokens at the server');
    },
  },
  {
    title: 'an adapter that is away asks for a token if there is none to use next',
    needs: ['away'],
    async check(one) {
      await one.connected();
      one.server.leave?.();
      await one.until(() => one.state === 'disconnected');
      const { adapter } = one.harness;
      if (adapter.useNext === undefined) return;
      adapter.useNext(null);
      one.server.comeBack?.();
      await one.until(() => one.count('token.needed') > 0);
      expectSame(one.count('token.needed'), 1, 'how often token.needed is reported');
      expectSame(one.server.tokens, ['first'], 'the tokens at the server');
    },
  },
  {
    title: 'a subscription outlives an upgrade',
    needs: ['subscribe'],
    async check(one) {
      await one.connected();
      const subscription = one.harness.subscribe?.();
      const arrives = async (when: string) => {
        const before = subscription?.received ?? 0;
        one.server.publish?.();
        await one.pass();
        expectSame((subscription?.received ?? 0) - before, 1, `the messages that arrive ${when}`);
      };
      await one.pass();
      await arrives('before the upgrade');
      for (const name of ['second', 'third']) {
        const { outcome } = await one.push('connection.upgrade', name);
        expectSame(outcome, 'accepted', `the result of the ${name} token`);
        await arrives(`after the upgrade with the ${name} token`);
      }
    },
  },
  {
    title: 'a subscription outlives a refused token and a broken transport',
    needs: ['subscribe', 'expire', 'drop'],
    async check(one) {
      await one.connected();
      const subscription = one.harness.subscribe?.();
      await one.pass();
      one.server.expire?.();
      await one.pass();
      const { outcome } = await one.push('connection.open', 'second');
      expectSame(outcome, 'accepted', 'the result of the push');
      one.server.drop?.();
      await one.pass();
      await one.until(() => one.state === 'connected');
      one.server.publish?.();
      await one.pass();
      expectSame(subscription?.received, 1, 'the messages that arrive after both');
    },
  },
];
