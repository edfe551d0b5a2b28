import { afterEach, describe, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { Auth } from '../../../src/index.js';
import { scriptedSource } from '../../../src/testing/scripted-source.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

describe('getToken() while an acquisition runs', () => {
  let auth: Auth;
  afterEach(() => auth.dispose());

  const make = () => {
    const clock = new VirtualClock();
    const source = scriptedSource(clock);
    const sent: InspectionEvent[] = [];
    auth = new Auth({ clock, authCallback: source.authCallback, inspect: (event) => sent.push(event) });
    return { clock, source, sent };
  };

  it('getToken() joins the acquisition without an event to the machine, and every caller gets its token', async () => {
    const { clock, source, sent } = make();
    const first = auth.getToken();
    const before = sent.length;
    const others = Array.from({ length: 1_000 }, () => auth.getToken());
    expect(sent).toHaveLength(before);
    await clock.advance(1_000);
    const token = await first;
    expect(new Set(await Promise.all(others))).toEqual(new Set([token]));
    expect(source.calls).toBe(1);
  });

  it('getToken() tells the machine that a token by the stored params is needed, if authorize() requests another', async () => {
    const { clock, source } = make();
    source.script({ fail: { code: 40170, statusCode: 401, message: 'not now' } });
    const authorized = auth.authorize({ ttl: 60_000 }).catch((error) => error.code);
    const got = auth.getToken().catch((error) => error.code);
    await settle();
    expect([await authorized, await got]).toEqual([40170, 40170]);
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    await clock.advance(60_000);
    expect(auth.state.value).toBe('authorized');
  });

  it('getToken() keeps the process alive, also when it joins a retry', async () => {
    const clock = new VirtualClock();
    let holds = 0;
    const hold = () => {
      holds += 1;
      return () => {
        holds -= 1;
      };
    };
    const source = scriptedSource(clock);
    source.script({ fail: { code: 40170, statusCode: 401, message: 'not now' } }, 'hang');
    auth = new Auth({ clock: Object.assign(clock, { hold }), authCallback: source.authCallback });
    await expect(auth.getToken()).rejects.toMatchObject({ code: 40170 });
    await clock.advance(2_000);
    expect([auth.state.value, holds]).toEqual(['requesting', 0]);
    const got = auth.getToken();
    expect(holds).toBe(1);
    auth.dispose();
    await expect(got).rejects.toMatchObject({ code: 80017 });
    expect(holds).toBe(0);
  });
});
