const SELF = Symbol('self');

/** For the constructor of a class that {@link throughProxies} is called with. */
export function rememberSelf(self: object): void {
  // A function: libraries that make a Proxy of whatever they read leave it alone, and no inspector looks into it.
  Object.defineProperty(self, SELF, { value: () => self });
}

/** What a Proxy stands for, where that remembers itself; anything else is returned as it is. */
export function selfOf<T extends object>(target: T): T {
  return (target as { readonly [SELF]?: () => T })[SELF]?.() ?? target;
}

/**
 * Lets the methods and getters of a class be called on a Proxy, such as Vue's `ref` makes of what it holds: private
 * fields are the object's own, and a Proxy has none.
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
