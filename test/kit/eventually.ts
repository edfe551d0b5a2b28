import { vi } from 'vitest';

/** Waits until the check passes; as long as a busy machine needs for a browser or a process. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
