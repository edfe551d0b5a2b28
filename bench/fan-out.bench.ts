import { Auth } from 'latchkey';
import { Subject } from 'rxjs';
import { type Measure, median, smallerIsBetter } from './measure.js';
import { freshToken } from './tokens.js';

const SUBSCRIBERS = 10_000;
const ROUNDS = 41;

/** The time from the source's answer to the last of 10,000 subscribers of `token$`, with the whole commit. */
export async function fanOut(): Promise<Measure[]> {
  const clients = { ours: ownRounds(), bare: bareRounds() };
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await clients.ours.next());
    bare.push(await clients.bare.next());
  }
  clients.ours.end();
  return [
    smallerIsBetter({
      name: `fan-out to ${SUBSCRIBERS.toLocaleString('en')} subscribers`,
      unit: 'ms',
      latchkey: median(ours),
      against: 'a bare rxjs Subject',
      other: median(bare),
      note: 'ably tells nobody of new tokens; the bare Subject is the floor, without commit, replay or distinctness',
    }),
  ];
}

interface Rounds {
  /** ms of one round */
  next(): Promise<number>;
  end(): void;
}

function ownRounds(): Rounds {
  let answeredAt = 0;
  const told = counter();
  const auth = new Auth({
    authCallback: async () => {
      const token = freshToken();
      answeredAt = performance.now();
      return token;
    },
  });
  let isReady = false;
  return {
    async next() {
      if (!isReady) {
        await auth.authorize();
        for (let index = 0; index < SUBSCRIBERS; index += 1) auth.token$.subscribe(told.one);
        isReady = true;
      }
      told.reset();
      await auth.authorize();
      return told.lastAt() - answeredAt;
    },
    end: () => auth.dispose(),
  };
}

function bareRounds(): Rounds {
  const told = counter();
  const subject = new Subject<unknown>();
  for (let index = 0; index < SUBSCRIBERS; index += 1) subject.subscribe(told.one);
  return {
    async next() {
      told.reset();
      const start = performance.now();
      subject.next(freshToken());
      return told.lastAt() - start;
    },
    end: () => subject.complete(),
  };
}

function counter() {
  let count = 0;
  let at = 0;
  return {
    one: () => {
      count += 1;
      if (count === SUBSCRIBERS) at = performance.now();
    },
    reset: () => {
      count = 0;
    },
    lastAt: () => {
      if (count !== SUBSCRIBERS) throw new Error(`${count} of ${SUBSCRIBERS} subscribers were told`);
      return at;
    },
  };
}
