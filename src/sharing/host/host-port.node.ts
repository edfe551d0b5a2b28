import { systemClock } from '../../clock.js';
import type { SharingPort } from '../port.js';
import { takeLease } from './lease-file.node.js';
import { LEFTOVER_MS, removeLeftovers } from './leftovers.node.js';
import { News } from './news.node.js';
import { TrustedFolder } from './trusted-folder.node.js';
import { latestEpoch, readValue, writeValue } from './value-files.node.js';

/** A folder as a store of shared tokens. */
export function hostPort(path: string): SharingPort {
  const folder = new TrustedFolder(path);
  const news = new News((name) => latestEpoch(folder, name));
  let cleanUpAt = Number.NEGATIVE_INFINITY;

  const cleanUp = () => {
    if (systemClock.monotonic() < cleanUpAt) return;
    cleanUpAt = systemClock.monotonic() + LEFTOVER_MS;
    // No writer waits for it, and it is done again.
    removeLeftovers(folder).catch(() => {});
  };

  return {
    port: 1,
    read: (name) => readValue(folder, name),
    async write(name, write) {
      const isWritten = await writeValue(folder, name, write);
      if (isWritten) news.note(name);
      cleanUp();
      return isWritten;
    },
    subscribe: (name, listener) => news.subscribe(name, listener),
    lease: (name, ms) => takeLease(folder, name, ms),
  };
}
