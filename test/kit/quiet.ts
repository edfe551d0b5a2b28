const QUIET_TURNS = 6;
const TURN_MS = 4;

/** Waits until real sockets have nothing more to say: `seen` stays the same for some turns. */
export async function untilQuiet(seen: () => string): Promise<void> {
  for (let turn = 0, last = ''; turn < QUIET_TURNS; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    const now = seen();
    if (now !== last) turn = 0;
    last = now;
  }
}
