/** From 4 KB to 256 KB, each twice the one before. */
const SIZES = Array.from({ length: 7 }, (_one, index) => 4_096 * 2 ** index);

/** Linear growth is 2, quadratic is 4. */
export const MOST_GROWTH = 2.6;

const ROUNDS = 7;

/** CPU time of one reading, ms: the least of some rounds, each of which takes some ms. */
async function cpuMs(read: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.cpuUsage();
    let count = 0;
    let spent = 0;
    while (spent < 8_000) {
      await read();
      count += 1;
      const { user, system } = process.cpuUsage(start);
      spent = user + system;
    }
    least = Math.min(least, spent / count / 1_000);
  }
  return least;
}

/** A measurement above the limit is repeated: the machine may have been busy. */
const TRIES = 4;

/** By how much the CPU time grows where the size doubles, at its worst from 4 KB to 256 KB. */
export async function growthOf(reader: (bytes: number) => () => unknown): Promise<number> {
  let worst = 0;
  for (const size of SIZES.slice(1)) {
    let least = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < TRIES && least > MOST_GROWTH; tries += 1)
      least = Math.min(least, (await cpuMs(reader(size))) / (await cpuMs(reader(size / 2))));
    worst = Math.max(worst, least);
  }
  return worst;
}
