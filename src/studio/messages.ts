import type { AuthState } from '../auth-state.js';
import type { ConnectionState } from '../connection/port.js';
import type { TokenFacts } from '../token/token-details.js';

/** What the page and its server say to each other. Plain data; none of it can hold a secret. */
export type StudioMessage =
  /** All there is to know, once, when the page connects. */
  | {
      readonly type: 'snapshot';
      readonly chart: Chart;
      readonly view: View;
      readonly happenings: readonly Happening[];
      readonly lastStep: Step | null;
    }
  | { readonly type: 'view'; readonly view: View }
  | { readonly type: 'happening'; readonly happening: Happening }
  | { readonly type: 'step'; readonly step: Step };

/** What can be done to the client, its connection and the service, from the page. */
export const actions = ['authorize', 'expire', 'revoke', 'cut', 'source', 'clock'] as const;

export type Action = (typeof actions)[number];

/** How things stand. Times are ms since the epoch by the clock the client goes by. */
export interface View {
  readonly now: number;
  readonly state: StateFacts;
  /** Ids of the chart's states that are active, outermost first. */
  readonly active: readonly string[];
  readonly token: TokenFacts | null;
  readonly lifetime: Lifetime | null;
  readonly clientId: string | null;
  readonly connection: { readonly state: ConnectionState; readonly id: string | null };
  readonly source: 'up' | 'down';
}

export type StateFacts = Pick<AuthState, 'value' | 'reason' | 'attempts'> & {
  readonly final: boolean;
  readonly next: NonNullable<AuthState['next']> | null;
  readonly error: ErrorFacts | null;
};

export interface ErrorFacts {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
  readonly remediation: string | null;
}

export interface Lifetime {
  readonly receivedAt: number;
  readonly diesAt: number;
  /** When it is planned to be replaced; null: nobody replaces it ahead of time. */
  readonly renewAt: number | null;
}

/** Something that happened, in words. */
export interface Happening {
  readonly id: number;
  readonly at: number;
  readonly about: 'token' | 'connection' | 'hand';
  readonly tone: 'calm' | 'good' | 'busy' | 'bad';
  readonly title: string;
  readonly detail: string;
}

/** One step of the machine: the event, and the edges of the chart it went along. */
export interface Step {
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
