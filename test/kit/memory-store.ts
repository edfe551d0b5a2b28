import type { SharingPort, StoredValue } from '../../src/sharing/index.js';

/** A store in memory, for the clients of one process. */
export function memoryStore(clock: { monotonic(): number }) {
  const values = new Map<string, { epoch: number; value: string; at: number }>();
  const leases = new Map<string, { until: number }>();
  const listeners = new Set<{ readonly name: string; readonly hear: () => void }>();
  const counts = { reads: 0, accepted: 0, rejected: 0, leases: 0 };
  const port: SharingPort = {
    port: 1,
    async read(name): Promise<StoredValue | null> {
      counts.reads += 1;
      const stored = values.get(name);
      return stored
        ? { epoch: stored.epoch, value: stored.value, ageMs: clock.monotonic() - stored.at }
        : null;
    },
    async write(name, { after, value }) {
      const isNext = (values.get(name)?.epoch ?? 0) === after;
      counts[isNext ? 'accepted' : 'rejected'] += 1;
      if (!isNext) return false;
      values.set(name, { epoch: after + 1, value, at: clock.monotonic() });
      for (const one of listeners) if (one.name === name) one.hear();
      return true;
    },
    subscribe(name, hear) {
      const one = { name, hear };
      listeners.add(one);
      return () => listeners.delete(one);
    },
    async lease(name, ms) {
      if ((leases.get(name)?.until ?? 0) > clock.monotonic()) return null;
      const lease = { until: clock.monotonic() + ms };
      leases.set(name, lease);
      counts.leases += 1;
      return () => {
        if (leases.get(name) === lease) leases.delete(name);
      };
    },
  };
  return { port, counts, values, leases, listeners };
}
