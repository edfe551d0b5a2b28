/** The used part of zone.js. Angular counts the timers that start inside its zone. */
interface Zone {
  run<T>(fn: () => T): T;
  wrap<F extends (...args: never[]) => unknown>(fn: F, source: string): F;
}

/** zone.js, if the page or process has it. A page can have an element with the id `Zone` instead. */
function zoneJs(): { readonly root: Zone; readonly current: Zone } | undefined {
  try {
    const found = (globalThis as { Zone?: { readonly root?: Partial<Zone>; readonly current?: Zone } }).Zone;
    return typeof found?.root?.run === 'function' ? (found as { root: Zone; current: Zone }) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `fn` outside every zone. For timers, listeners and sockets of the library: inside Angular's zone they would
 * keep the app from becoming stable.
 */
export function outsideZones<T>(fn: () => T): T {
  const zones = zoneJs();
  return zones === undefined ? fn() : zones.root.run(fn);
}

/**
 * Returns a function that calls `fn` in the current zone. For listeners of users: Angular detects changes after
 * each call in its zone.
 */
export function inThisZone<F extends (...args: never[]) => unknown>(fn: F): F {
  const zones = zoneJs();
  return zones === undefined || zones.current === zones.root ? fn : zones.current.wrap(fn, 'latchkey');
}
