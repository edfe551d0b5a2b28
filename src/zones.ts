/** The part of zone.js that is used here. Angular counts the timers that are started inside of its zone. */
interface Zone {
  run<T>(fn: () => T): T;
  wrap<F extends (...args: never[]) => unknown>(fn: F, source: string): F;
}

/** zone.js, where the page or process has it; a page may have an element of that name instead. */
function zoneJs(): { readonly root: Zone; readonly current: Zone } | undefined {
  const found = (globalThis as { Zone?: { readonly root?: Partial<Zone>; readonly current?: Zone } }).Zone;
  return typeof found?.root?.run === 'function' ? (found as { root: Zone; current: Zone }) : undefined;
}

/**
 * Runs `fn` outside every zone. For what the library starts by itself and what may last: a timer, a listener,
 * a socket. Inside of Angular's zone they would keep the app from becoming stable.
 */
export function outsideZones<T>(fn: () => T): T {
  const zones = zoneJs();
  return zones === undefined ? fn() : zones.root.run(fn);
}

/**
 * The same function, to be called in the zone that is current now. For a user's listener: Angular looks for
 * changes after it.
 */
export function inThisZone<F extends (...args: never[]) => unknown>(fn: F): F {
  const zones = zoneJs();
  return zones === undefined || zones.current === zones.root ? fn : zones.current.wrap(fn, 'latchkey');
}
