import type { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/index.js';

type Disposable = { dispose(): void };
type Of = (owner: Disposable) => Observable<unknown>;

const auth = () => new Auth({ authCallback: async () => 'a-token', clock: new VirtualClock() });
const connection = () => new RealtimeConnection({ autoConnect: false, clock: new VirtualClock() });

const streams: readonly (readonly [name: string, make: () => Disposable, of: Of])[] = [
  ['auth.token$', auth, (owner) => (owner as Auth).token$],
  ['auth.state$', auth, (owner) => (owner as Auth).state$],
  ['connection.state$', connection, (owner) => (owner as RealtimeConnection).state$],
  ['connection.messages$', connection, (owner) => (owner as RealtimeConnection).messages$],
];

/** How often it completed. */
function completions(stream: Observable<unknown>): () => number {
  let count = 0;
  stream.subscribe({ complete: () => (count += 1) });
  return () => count;
}

describe.each(streams)('%s', (_name, make, of) => {
  it('the stream completes once for a subscriber from before the disposal', () => {
    const owner = make();
    const count = completions(of(owner));
    expect(count()).toBe(0);
    owner.dispose();
    owner.dispose();
    expect(count()).toBe(1);
  });

  it('the stream completes for each of two subscribers', () => {
    const owner = make();
    const counts = [completions(of(owner)), completions(of(owner))];
    owner.dispose();
    expect(counts.map((count) => count())).toEqual([1, 1]);
  });

  it('the stream completes at once for a subscriber from after the disposal', () => {
    const owner = make();
    owner.dispose();
    expect(completions(of(owner))()).toBe(1);
  });

  it('the stream completes at once if it is read before the disposal and subscribed to after it', () => {
    const owner = make();
    const stream = of(owner);
    const early = completions(stream);
    owner.dispose();
    expect([early(), completions(stream)()]).toEqual([1, 1]);
  });

  it('the stream completes at once if it is read before the disposal and has no subscriber then', () => {
    const owner = make();
    const stream = of(owner);
    owner.dispose();
    expect(completions(stream)()).toBe(1);
  });
});
