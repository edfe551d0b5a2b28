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
