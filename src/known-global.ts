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
