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
    }
  | { readonly type: 'entry'; readonly entry: Entry }
  /** The client is no longer there; the recorded entries stay. */
  | { readonly type: 'gone' };

/** The facts about a client that do not change. */
export interface Session {
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
  | { readonly kind: 'view'; readonly view: View }
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
  readonly connection: { readonly state: ConnectionState; readonly id: string | null } | null;
  /** The names of the controls that are switched on. */
  readonly on: readonly string[];
  /** How many times faster than real time the clock runs. */
  readonly rate: number;
}

/** A log entry: something that happened, in words. */
export interface Told {
  readonly about: 'token' | 'connection' | 'hand' | 'service';
  readonly tone: 'calm' | 'good' | 'busy' | 'bad';
  readonly title: string;
  readonly detail: string;
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
