import type { DecisionFacts } from '../client/decision-words.js';
import type { ConnectionState } from '../index.js';
import type { CONTROL_GROUPS } from './control-checks.js';

/** What the page is told. Plain data, redacted before it leaves the client's side. */
export type StudioMessage =
  /** All there is to know, once, when somebody begins to listen. */
  | {
      readonly type: 'hello';
      /** The moment it is said, as the client's clock has it. */
      readonly now: number;
      readonly session: Session;
      readonly entries: readonly Entry[];
    }
  | { readonly type: 'entry'; readonly entry: Entry }
  /** The client is not there any more; what is known of it stays. */
  | { readonly type: 'gone' };

/** What stays the same as long as a client is looked at. */
export interface Session {
  readonly title: string;
  readonly charts: readonly Chart[];
  readonly controls: readonly Control[];
}

/** Something that can be done to the client or to what is behind it, from the page. */
export interface Control {
  /** Up to 64 letters, digits, `.`, `_` and `-`, a letter first. */
  readonly name: string;
  readonly label: string;
  /** What it does, in a few words. */
  readonly hint: string;
  /** `fault`: a switch or push at the service; `scenario`: a story that plays; `speed`: how fast the clock runs. */
  readonly group: (typeof CONTROL_GROUPS)[number];
}

/** Something recorded. `at` is ms since the epoch by the clock the client goes by. */
export type Entry = { readonly n: number; readonly at: number } & (
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'step'; readonly step: Step }
  | ({ readonly kind: 'told' } & Told)
);

/** How things stand at one moment. */
export interface View {
  readonly decision: DecisionFacts;
  /** By machine: the ids of the states that are active, outermost first. */
  readonly active: Readonly<Record<string, readonly string[]>>;
  /** Events the auth machine would do something with now. */
  readonly may: readonly string[];
  readonly clientId: string | null;
  /** null: the client has no connection. */
  readonly connection: { readonly state: ConnectionState; readonly id: string | null } | null;
  /** Controls that are switched on. */
  readonly on: readonly string[];
  /** How many times as fast as time the clock runs. */
  readonly rate: number;
}

/** Something that happened, in words. */
export interface Told {
  readonly about: 'token' | 'connection' | 'hand' | 'service';
  readonly tone: 'calm' | 'good' | 'busy' | 'bad';
  readonly title: string;
  readonly detail: string;
}

/** One step of a machine: the event, and the edges of its chart it went along; none for a step of its acquisition. */
export interface Step {
  readonly machine: string;
  readonly event: string;
  readonly edges: readonly string[];
}

/** A machine's definition as a graph. */
export interface Chart {
  readonly name: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
  /** What leads from any state to another. */
  readonly fromAnywhere: readonly { readonly event: string; readonly target: string }[];
}

export interface ChartState {
  readonly id: string;
  readonly name: string;
  /** Where its parent begins. */
  readonly isInitial: boolean;
  readonly states: readonly ChartState[];
}

/** All transitions from one state to another, as one edge. */
export interface ChartEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Events that lead along it, as a reader calls them. */
  readonly events: readonly string[];
  /** The same with their conditions. */
  readonly conditions: readonly string[];
}

/** Where a page gets its client from: the client itself, or a program that has it. */
export interface StudioLink {
  /** Calls `listener` with a hello at once, or as soon as there is one, and with everything after it. */
  subscribe(listener: (message: StudioMessage) => void): () => void;
  /** Does what a control is for. Rejects with what it throws, and when there is no such control or nobody to do it. */
  perform(control: string): Promise<void>;
}
