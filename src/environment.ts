import { outsideZones } from './zones.js';

/** What the platform knows of network and attention. A port: tests bring their own. */
export interface Environment {
  /** Whether there is a network, as far as is known; true where nothing is. */
  isOnline(): boolean;
  /**
   * Calls `listener` when the network is gone (`offline`) or back (`online`), and when the application
   * gets attention again, as after sleep (`awake`), until the returned function is called.
   */
  watch(listener: (what: 'online' | 'offline' | 'awake') => void): () => void;
}

interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** The page or worker this runs in. Node has neither, and is online always. */
export const platformEnvironment: Environment = {
  isOnline: () => (globalThis.navigator as Navigator | undefined)?.onLine !== false,
  watch(listener) {
    const online = () => listener('online');
    const offline = () => listener('offline');
    const awake = () => listener('awake');
    const all: [EventSource | undefined, string, () => void][] = [
      [eventSource(globalThis), 'online', online],
      [eventSource(globalThis), 'offline', offline],
      [eventSource(globalThis), 'pageshow', awake],
      [eventSource(globalThis), 'focus', awake],
      [eventSource(globalThis.document), 'visibilitychange', awake],
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
  return typeof source?.addEventListener === 'function' ? (source as EventSource) : undefined;
}
