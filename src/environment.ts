import { knownGlobal, knownMember, outsideZones } from './surroundings.js';

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

type Parted = { readonly persisted?: boolean };
type Meaning = EnvironmentEvent | undefined;
type Heard = (event?: Parted) => void;

interface EventSource {
  addEventListener(type: string, listener: Heard, isFirst?: boolean): void;
  removeEventListener(type: string, listener: Heard, isFirst?: boolean): void;
}

const isShown = (): boolean => knownMember('document', 'visibilityState') !== 'hidden';

/** What each event of the window, or of the page, means. undefined: nothing. */
const meanings: readonly [of: 'window' | 'page', type: string, meaning: (event?: Parted) => Meaning][] = [
  ['window', 'online', () => 'online'],
  ['window', 'offline', () => 'offline'],
  // A page that is left for good says goodbye itself, if it wants to.
  ['window', 'pagehide', (event) => (event?.persisted === true ? 'frozen' : undefined)],
  ['window', 'pageshow', () => 'awake'],
  ['window', 'focus', () => 'awake'],
  ['page', 'freeze', () => 'frozen'],
  ['page', 'resume', () => 'awake'],
  ['page', 'visibilitychange', () => (isShown() ? 'awake' : undefined)],
];

/** The environment of the page or worker. In Node it is always online. */
export const platformEnvironment: Environment = {
  isOnline: () => knownMember('navigator', 'onLine') !== false,
  watch(listener) {
    const sources = { window: eventSource(globalThis), page: eventSource(knownGlobal('document')) };
    const unwatch: (() => void)[] = [];
    outsideZones(() => {
      for (const [of, type, meaning] of meanings) {
        const source = sources[of];
        const hear: Heard = (event) => {
          const what = meaning(event);
          if (what !== undefined) listener(what);
        };
        if (source === undefined) continue;
        // Added anew each time, it is called after the listeners of the application, which can still close a connection.
        const addLast = () => {
          source.removeEventListener(type, hear);
          outsideZones(() => source.addEventListener(type, hear));
        };
        // A worker knows no such phase, and no pagehide.
        const isFirst = type === 'pagehide' && sources.page !== undefined;
        const heard = isFirst ? addLast : hear;
        source.addEventListener(type, heard, isFirst);
        unwatch.push(() => {
          source.removeEventListener(type, heard, isFirst);
          source.removeEventListener(type, hear);
        });
      }
    });
    return () => {
      for (const leave of unwatch) leave();
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
