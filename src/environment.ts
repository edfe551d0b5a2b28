import { knownGlobal, knownMember } from './known-global.js';
import { outsideZones } from './zones.js';

/** What the platform knows about the network and about the user's attention. Tests replace it. */
export interface Environment {
  /** Whether there is a network. true if the platform does not know. */
  isOnline(): boolean;
  /**
   * Calls `listener` when the network is lost (`offline`) or back (`online`), and when the user comes back to the
   * application, for example after sleep (`awake`). The returned function removes the listener.
   */
  watch(listener: (what: 'online' | 'offline' | 'awake') => void): () => void;
}

interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** The environment of the page or worker. In Node it is always online. */
export const platformEnvironment: Environment = {
  isOnline: () => knownMember('navigator', 'onLine') !== false,
  watch(listener) {
    const online = () => listener('online');
    const offline = () => listener('offline');
    const awake = () => listener('awake');
    const shown = () => {
      if (knownMember('document', 'visibilityState') !== 'hidden') awake();
    };
    const all: [EventSource | undefined, string, () => void][] = [
      [eventSource(globalThis), 'online', online],
      [eventSource(globalThis), 'offline', offline],
      [eventSource(globalThis), 'pageshow', awake],
      [eventSource(globalThis), 'focus', awake],
      [eventSource(knownGlobal('document')), 'visibilitychange', shown],
    ];
    outsideZones(() => {
      for (const [source, type, heard] of all) source?.addEventListener(type, heard);
    });
    return () => {
      for (const [source, type, heard] of all) source?.removeEventListener(type, heard);
    };
  },
};

function eventSource(candidate: unknown): EventSource | undefined {
  const source = candidate as Partial<EventSource> | undefined;
  try {
    return typeof source?.addEventListener === 'function' ? (source as EventSource) : undefined;
  } catch {
    return undefined;
  }
}
