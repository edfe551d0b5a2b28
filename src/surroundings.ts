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

const SELF = Symbol('self');

function itself(this: object): object {
  return this;
}

/** For the constructor of a class that {@link throughProxies} is called with. */
export function rememberSelf(self: object): void {
  // A function, because Vue makes no Proxy of functions, and inspectors do not show what a function returns.
  Object.defineProperty(self, SELF, { value: itself.bind(self) });
}

/** The object behind a Proxy, if it called {@link rememberSelf}. Any other value is returned as it is. */
export function selfOf<T extends object>(target: T): T {
  return (target as { readonly [SELF]?: () => T })[SELF]?.() ?? target;
}

/**
 * Makes the methods and getters of a class work on a Proxy, as Vue's `ref` makes one. Without this they throw,
 * because a Proxy has no private fields.
 */
export function throughProxies({ prototype }: { readonly prototype: object }): void {
  for (const name of Reflect.ownKeys(prototype)) {
    const member = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    for (const part of ['get', 'set', 'value'] as const) {
      const fn: unknown = member[part];
      if (typeof fn !== 'function' || name === 'constructor') continue;
      member[part] = function (this: object, ...given: unknown[]) {
        return Reflect.apply(fn, selfOf(this), given);
      };
    }
    Object.defineProperty(prototype, name, member);
  }
}

/** A global; undefined if the platform has none, or if its getter throws, as where an app guards it. */
export function knownGlobal<N extends keyof typeof globalThis>(name: N): (typeof globalThis)[N] | undefined {
  try {
    return globalThis[name];
  } catch {
    return undefined;
  }
}

/** A member of a global; undefined as in {@link knownGlobal}, or if the member's getter throws. */
export function knownMember(name: keyof typeof globalThis, member: string): unknown {
  try {
    return Reflect.get(Object(knownGlobal(name)), member);
  } catch {
    return undefined;
  }
}

/**
 * XState reads `console.log` when it is loaded, which is right after this module. If an app or a platform has no such
 * method, a temporary console is set for that moment.
 */
export function lendConsole(): void {
  if (typeof knownMember('console', 'log') === 'function') return;
  const own = Object.getOwnPropertyDescriptor(globalThis, 'console');
  const lent = { value: { log() {} }, configurable: true };
  if (!Reflect.defineProperty(globalThis, 'console', lent)) return;
  Promise.resolve().then(() => {
    if (own === undefined) Reflect.deleteProperty(globalThis, 'console');
    else Reflect.defineProperty(globalThis, 'console', own);
  });
}
