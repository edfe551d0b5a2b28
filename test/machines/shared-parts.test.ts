import { Auth } from 'latchkey';
import { VirtualClock } from 'latchkey/testing';
import { describe, expect, it } from 'vitest';

const client = () =>
  new Auth({ clock: new VirtualClock(), authCallback: async () => ({ token: 'a token', clientId: 'ada' }) });

describe('the snapshots of two clients in one state', () => {
  it('share the tags, the nodes and the empty children, and nothing else', async () => {
    const [one, other] = [client(), client()];
    await Promise.all([one.authorize(), other.authorize()]);
    const [a, b] = [one.actor.getSnapshot(), other.actor.getSnapshot()];

    expect(a.tags).toBe(b.tags);
    expect(a._nodes).toBe(b._nodes);
    expect(a.children).toBe(b.children);
    expect(a.context).not.toBe(b.context);
    expect(a.hasTag('usable')).toBe(true);
    expect(a.matches('authorized')).toBe(true);
    one.dispose();
    other.dispose();
  });

  it('cannot be changed: what an app does to one does not reach the other', async () => {
    const [one, other] = [client(), client()];
    await Promise.all([one.authorize(), other.authorize()]);
    const { tags, _nodes, historyValue, children } = one.actor.getSnapshot();
    const changes: readonly (() => unknown)[] = [
      () => tags.add('usable'),
      () => tags.delete('usable'),
      () => tags.clear(),
      () => _nodes.pop(),
      () => Object.assign(historyValue, { auth: [] }),
      () => Object.assign(children, { acquisition: undefined }),
    ];
    for (const change of changes) expect(change).toThrow(TypeError);

    expect(other.actor.getSnapshot().hasTag('usable')).toBe(true);
    expect(JSON.parse(JSON.stringify(other.actor.getSnapshot())).tags).toEqual(['usable']);
    expect(other.actor.getSnapshot().can({ type: 'token.asked' })).toBe(true);
    await other.authorize();
    one.dispose();
    other.dispose();
  });

  it('keep the acquisition of one client out of the other', async () => {
    const [one, other] = [client(), client()];
    await Promise.all([one.authorize(), other.authorize()]);
    const renewed = one.authorize();

    expect(Object.keys(one.actor.getSnapshot().children)).toEqual(['acquisition']);
    expect(one.actor.getSnapshot().hasTag('usable')).toBe(true);
    expect(other.actor.getSnapshot().children).toEqual({});
    await renewed;
    expect(one.actor.getSnapshot().children).toEqual({});
    one.dispose();
    expect(other.actor.getSnapshot().hasTag('usable')).toBe(true);
    other.dispose();
  });
});
