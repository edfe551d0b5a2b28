import { describe, expect, it } from 'vitest';
import { seededChance } from '../../src/chance.js';
import { type Member, World } from './sharing-world.js';

/** How many choices of the scheduler are tried in each order. */
const DEPTH = Number(process.env.DEPTH ?? 7);
const LIVES = Number(process.env.LIVES ?? 10_000);
const SEED = Number(process.env.SEED ?? 20_261_130);
const PARTS = 5;

interface Choice {
  readonly name: string;
  take(): void | Promise<void>;
}

/** What can happen once in a run, at any moment. */
type Once = Readonly<Record<string, (world: World) => (() => void) | undefined>>;

const memberOf = (world: World, number: number): Member => world.members[number] as Member;

const disturbances: Once = {
  'member 0 crashes': (world) => () => world.crash(memberOf(world, 0)),
  'the lease runs out': (world) => (world.hasLease ? () => world.endLeases() : undefined),
  'a store is late for member 1': (world) => (world.hasTimer(1) ? () => void world.fire(1) : undefined),
};

const scenarios: Readonly<Record<string, Once>> = {
  'a member crashes, is late, or loses its lease': disturbances,
  'a member signs the user out': {
    'member 2 signs out': (world) => () => world.signOut(memberOf(world, 2)),
    'the lease runs out': disturbances['the lease runs out'] as Once[string],
  },
  'a member has another user': {
    'member 1 has another user': (world) => () => {
      memberOf(world, 1).session = 'grace';
    },
    'the lease runs out': disturbances['the lease runs out'] as Once[string],
  },
};

/** What can happen next: the oldest step of each member, or something that has not happened yet. */
function choicesOf(world: World, once: Map<string, Once[string]>): Choice[] {
  const choices: Choice[] = [];
  const seen = new Set<number>();
  for (const step of world.ready) {
    if (seen.has(step.member)) continue;
    seen.add(step.member);
    choices.push({ name: `${step.member} ${step.what}`, take: () => world.take(step) });
  }
  for (const [name, find] of once) {
    const act = find(world);
    if (act)
      choices.push({
        name,
        take() {
          once.delete(name);
          act();
        },
      });
  }
  return choices;
}

/** Runs every order of the first choices, each to its end, from the beginning. @returns how many there are */
async function everyOrder(scenario: Once, depth: number): Promise<number> {
  let runs = 0;
  for (let plan: number[] | undefined = []; plan !== undefined; ) {
    const world = new World(3);
    const once = new Map(Object.entries(scenario));
    for (const member of world.members)
      if (!once.has(`member ${member.number} signs out`)) world.acquire(member);
    await world.settled();
    const taken: string[] = [];
    const widths: number[] = [];
    for (let step = 0; step < depth; step += 1) {
      const choices = choicesOf(world, once);
      const choice = choices[plan[step] ?? 0];
      if (choice === undefined) break;
      widths.push(choices.length);
      taken.push(choice.name);
      await choice.take();
      await world.settled();
    }
    await world.end();
    // Whoever comes later, or again, finds what they left.
    for (const member of world.members) world.acquire(member);
    await world.end();
    runs += 1;
    if (world.problems.length > 0) throw new Error(`${world.problems.join('; ')} after ${taken.join(', ')}`);
    const at = widths.findLastIndex((width, step) => (plan?.[step] ?? 0) + 1 < width);
    plan = at < 0 ? undefined : [...widths.keys()].slice(0, at + 1).map((step) => plan?.[step] ?? 0);
    if (plan !== undefined) plan[at] = (plan[at] ?? 0) + 1;
  }
  return runs;
}

/** One life of three members: anything happens at any time. */
async function live(seed: number): Promise<World> {
  const chance = seededChance(seed);
  const below = (limit: number) => Math.floor(chance() * limit);
  const lateness = chance() / 3;
  const world = new World(3, { isLate: () => chance() < lateness, random: chance });
  const someone = () => memberOf(world, below(3));
  for (let count = 20 + below(60); count > 0; count -= 1) {
    const { ready } = world;
    const dice = chance();
    if (dice < 0.55 && ready.length > 0) await world.take(ready[below(ready.length)] as never);
    else if (dice < 0.7) world.acquire(someone(), chance() < 0.2);
    // A timer fires late more often than early: most answers come within their time.
    else if (dice < 0.85) {
      if (ready.length === 0 || chance() < 0.2) await world.fire(chance() < 0.5 ? undefined : below(3));
    } else if (dice < 0.88) world.crash(someone());
    else if (dice < 0.91) world.restart(someone());
    else if (dice < 0.94) someone().isCut = chance() < 0.6;
    else if (dice < 0.96) world.signOut(someone());
    else if (dice < 0.98) someone().session = (['ada', 'grace', null] as const)[below(3)] ?? null;
    else if (dice < 0.99) world.endLeases();
    else world.loseData();
    await world.settled();
  }
  await world.end();
  return world;
}

describe('members that share tokens', () => {
  it.each(Object.entries(scenarios))(
    'the lease keeps its rules in every order of the first steps, when %s',
    async (what, scenario) => {
      const runs = await everyOrder(scenario, DEPTH);
      console.log(`lease: ${runs} orders of the first ${DEPTH} steps, ${what}`);
      expect(runs).toBeGreaterThan(1_000);
    },
  );

  it.each(Array.from({ length: PARTS }, (_, part) => SEED + part))(
    'the lease keeps its rules in random lives, seed %i',
    async (seed) => {
      const sums: Record<string, number> = {};
      for (let life = 0; life < LIVES / PARTS; life += 1) {
        const { problems, counts } = await live(seed * 100_003 + life);
        expect(problems, `life ${life} of seed ${seed}`).toEqual([]);
        for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
      }
      console.log(`lease: ${LIVES / PARTS} lives, SEED=${seed}: ${JSON.stringify(sums)}`);
      for (const name of ['adopted', 'alone', 'lost', 'signedOut', 'rejected', 'written'])
        expect(sums[name], name).toBeGreaterThan(0);
    },
  );
});
