import type { DecisionFacts } from '../client/decision-words.js';
import type { ConnectionState } from '../index.js';
import type { CONTROL_GROUPS } from './control-checks.js';

/** A message to the page: plain data, redacted before it leaves the client's process. */
export type StudioMessage =
  /** Everything so far, sent once to each new subscriber. */
  | {
      readonly type: 'hello';
      /** The time of sending by the client's clock, ms since the epoch. */
      readonly now: number;
      readonly session: Session;
      readonly entries: readonly Entry[];
      /** The last protocol messages of the connection. */
      readonly frames?: readonly Frame[];
      /** This is a session before that of the client. Only a server that relays sessions sets it. */
      readonly isOver?: boolean;
    }
  | { readonly type: 'entry'; readonly entry: Entry }
  /** More protocol messages passed. */
  | { readonly type: 'frames'; readonly frames: readonly Frame[] }
  /** The client is no longer there; the recorded entries stay. */
  | { readonly type: 'gone' };

/** The facts about a client that do not change. */
export interface Session {
  /** Differs from the ids of other sessions. Absent in recordings of older versions. */
  readonly id?: string;
  readonly title: string;
  readonly charts: readonly Chart[];
  readonly controls: readonly Control[];
}

/** An action that the page offers, on the client or on the service behind it. */
export interface Control {
  /** Up to 64 letters, digits, `.`, `_` and `-`, a letter first. */
  readonly name: string;
  readonly label: string;
  /** What it does, in a few words. */
  readonly hint: string;
  /**
   * `fault`: a fault of the service; `scenario`: a scripted sequence of events; `speed`: how fast the clock
   * runs.
   */
  readonly group: (typeof CONTROL_GROUPS)[number];
}

/** A recorded entry. `at` is ms since the epoch by the client's clock. */
export type Entry = { readonly n: number; readonly at: number } & (
  | {
      readonly kind: 'view';
      readonly view: View;
      /** The last trouble before the first entry that is kept. */
      readonly earlier?: PastTrouble;
    }
  | { readonly kind: 'step'; readonly step: Step }
  | ({ readonly kind: 'told' } & Told)
);

/** The state of the client at one moment. */
export interface View {
  readonly decision: DecisionFacts;
  /** For each machine: the ids of its active states, outermost first. */
  readonly active: Readonly<Record<string, readonly string[]>>;
  /** Events that the auth machine would react to now. */
  readonly may: readonly string[];
  readonly clientId: string | null;
  /** null: the client has no connection. */
  readonly connection: ConnectionFacts | null;
  /** The token source: an address, or its name. Absent in recordings of older versions, like the next ones. */
  readonly source?: string;
  /** How the current token was obtained. null: the studio did not see it. */
  readonly acquired?: AcquiredFacts | null;
  /** Whether this renewal is planned early, so that many clients do not renew at once. */
  readonly isSpread?: boolean;
  /** The names of the controls that are switched on. */
  readonly on: readonly string[];
  /** How many times faster than real time the clock runs. */
  readonly rate: number;
}

/** A connection at one moment. Times are ms since the epoch by the client's clock; null: none, or not known. */
export interface ConnectionFacts {
  readonly state: ConnectionState;
  readonly id: string | null;
  readonly address?: string | null;
  /** Why it is not connected, or was not until it connected. */
  readonly error?: { readonly code: number; readonly message: string } | null;
  /** Failed tries in a row. */
  readonly tries?: number;
  readonly nextTryAt?: number | null;
  /** When the server forgets the connection: after that it cannot be resumed. */
  readonly forgottenAt?: number | null;
}

/** How a token was obtained. */
export interface AcquiredFacts {
  readonly at: number;
  /** Why it was asked for, in one or two words. */
  readonly reason: string;
  /** The same as a clause, in the words of `auth.explain()`. Absent: the studio did not see the begin. */
  readonly why?: string;
  readonly attempt: number;
  /** How long each step took, ms. */
  readonly stepsMs: Readonly<Record<string, number>>;
}

/** A log entry: something that happened, in words. */
export interface Told {
  readonly about: 'token' | 'connection' | 'hand' | 'service';
  readonly tone: 'calm' | 'good' | 'busy' | 'bad';
  readonly title: string;
  readonly detail: string;
  /** The error that this is about. */
  readonly trouble?: Trouble;
  /** How long nothing was seen before this entry, ms: the machine slept. */
  readonly unseenMs?: number;
  /** The claims of the token that this is about, as names and texts. They are not verified. */
  readonly claims?: readonly Claim[];
}

/** A trouble, and the entry that told of it. */
export interface PastTrouble extends Pick<Told, 'about' | 'title'> {
  readonly at: number;
  readonly trouble: Trouble;
}

/** A claim of a token. */
export interface Claim {
  readonly name: string;
  readonly text: string;
}

/** An error with everything that helps against it. */
export interface Trouble {
  readonly code: number;
  readonly message: string;
  /** What it is due to, in one or two words. */
  readonly reason: string;
  /** Its causes as texts, the nearest first. */
  readonly causes: readonly string[];
  /** Where it happened. null: not known. */
  readonly address: string | null;
  readonly remediation: string | null;
  /** A page about the code. */
  readonly href: string | null;
}

/** A protocol message of the connection, without its content. */
export interface Frame {
  readonly at: number;
  /** The number of the entry before it. */
  readonly after: number;
  readonly isSent: boolean;
  /** The number of its action. @see TR2 */
  readonly action: number;
  /** The length of its text, in letters. */
  readonly size: number;
}

/**
 * One step of a machine: the event, and the edges of the chart it took. A step of an acquisition has no
 * edges.
 */
export interface Step {
  readonly machine: string;
  readonly event: string;
  readonly edges: readonly string[];
}

/** The definition of a machine as a graph. */
export interface Chart {
  readonly name: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
  /** Transitions that can be taken from any state. */
  readonly fromAnywhere: readonly {
    readonly event: string;
    readonly target: string;
    readonly guard?: string | undefined;
  }[];
}

export interface ChartState {
  readonly id: string;
  readonly name: string;
  /** Whether it is the initial state of its parent. */
  readonly isInitial: boolean;
  readonly states: readonly ChartState[];
}

/** All transitions from one state to another, or to itself, as one edge. */
export interface ChartEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** The events of these transitions, named for readers. */
  readonly events: readonly string[];
  /** The same events with their conditions. */
  readonly conditions: readonly string[];
  /**
   * The place of each condition among those of the same state and event: the first that holds is taken. Absent in
   * old recordings.
   */
  readonly places?: readonly number[] | undefined;
}

/** The page's connection to a client, in the same page or in another program. */
export interface StudioLink {
  /** Calls `listener` with a hello, at once or as soon as there is a client, and with every later message. */
  subscribe(listener: (message: StudioMessage) => void): () => void;
  /**
   * Performs a control. Rejects with the error of the control, and if there is no such control or no client.
   */
  perform(control: string): Promise<void>;
}
