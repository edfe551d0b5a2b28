import { knownGlobal, knownMember } from './known-global.js';
import { outsideZones } from './zones.js';

/** What an {@link Environment} reports. */
export type EnvironmentEvent = 'online' | 'offline' | 'frozen' | 'awake';

/** What the platform knows about the network and about the user's attention. Tests replace it. */
export interface Environment {
  /** Whether there is a network. true if the platform does not know. */
  isOnline(): boolean;
  /**
   * Calls `listener` when the network is lost (`offline`) or back (`online`), when the platform is about to stop the
   * page (`frozen`: it is frozen, or goes into the cache for back and forward), and when the user comes back to the
   * application, for example after sleep or after such a stop (`awake`). The returned function removes the listener.
   */
  watch(listener: (what: EnvironmentEvent) => void): () => void;
}

type Heard = (event?: { readonly persisted?: boolean }) => void;

interface EventSource {
  addEventListener(type: string, listener: Heard, isFirst?: boolean): void;
  removeEventListener(type: string, listener: Heard, isFirst?: boolean): void;
}

/** The environment of the page or worker. In Node it is always online. */
export const platformEnvironment: Environment = {
  isOnline: () => knownMember('navigator', 'onLine') !== false,
  watch(listener) {
    const window = eventSource(globalThis);
    const online = () => listener('online');
    const offline = () => listener('offline');
    const frozen = () => listener('frozen');
    // A page that is left for good says goodbye itself, if it wants to. A listener of the application may do so in
    // any case: the connection is still open, because this listener, added only now, is called last.
    const last: Heard = (event) => {
      window?.removeEventListener('pagehide', last);
      if (event?.persisted === true) frozen();
    };
    const hidden: Heard = () => outsideZones(() => window?.addEventListener('pagehide', last));
    const awake = () => listener('awake');
    const shown = () => {
      if (knownMember('document', 'visibilityState') !== 'hidden') awake();
    };
    const page = eventSource(knownGlobal('document'));
    const all: [EventSource | undefined, string, Heard, isFirst?: boolean][] = [
      [window, 'online', online],
      [window, 'offline', offline],
      [window, 'pagehide', hidden, true],
      [window, 'pageshow', awake],
      [window, 'focus', awake],
      [page, 'freeze', frozen],
      [page, 'resume', awake],
      [page, 'visibilitychange', shown],
    ];
    outsideZones(() => {
      for (const [source, ...heard] of all) source?.addEventListener(...heard);
    });
    return () => {
      for (const [source, ...heard] of all) source?.removeEventListener(...heard);
      window?.removeEventListener('pagehide', last);
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
