import type { Clock } from '../../src/clock.js';
import type { EnvironmentEvent } from '../../src/environment.js';
import type { WebPlatform } from '../../src/sharing/web/web-store.js';

type Locked = (lock: Lock | null) => unknown;

/** An origin of a browser without the browser: its pages, their channels and their locks. */
export function webOrigin(clock: Clock) {
  const channels = new Set<Channel>();
  const held = new Set<string>();
  const sent: unknown[] = [];

  class Channel {
    onmessage: ((event: { readonly data: unknown }) => void) | null = null;
    constructor() {
      channels.add(this);
    }
    postMessage(data: unknown): void {
      if (!channels.has(this)) throw new Error('the channel is closed');
      sent.push(structuredClone(data));
      for (const one of channels) if (one !== this) deliver(one, data);
    }
    close(): void {
      channels.delete(this);
    }
  }

  const deliver = (to: Channel, data: unknown) => {
    const copy = structuredClone(data);
    clock.setTimeout(() => channels.has(to) && to.onmessage?.({ data: copy }), 1);
  };

  const request = async (name: string, _options: LockOptions, run: Locked) => {
    if (held.has(name)) return await run(null);
    held.add(name);
    try {
      return await run({ name, mode: 'exclusive' });
    } finally {
      held.delete(name);
    }
  };

  return {
    /** The messages of all pages. */
    sent,
    /** The names of the held locks. */
    held,
    /** The open channels. */
    channels,
    /** A page, and how the browser reports something to it. */
    page(more: Partial<WebPlatform> = {}) {
      const listeners = new Set<(what: EnvironmentEvent) => void>();
      const platform: WebPlatform = {
        clock,
        locks: { request } as unknown as LockManager,
        BroadcastChannel: Channel as never,
        watch(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        storage: undefined,
        ...more,
      };
      const report = (what: EnvironmentEvent) => {
        for (const listener of [...listeners]) listener(what);
      };
      return { platform, report, listeners };
    },
    /** What another script of the origin sends. */
    post(data: unknown): void {
      for (const one of channels) deliver(one, data);
    },
  };
}

/** A storage of a page. */
export function pageStorage() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, text: string) => void items.set(key, text),
  };
}
