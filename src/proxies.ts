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
