/** One case of a suite, in figures. */
export interface Row {
  readonly case: string;
  /** How many clients shared a token. */
  readonly members: number;
  readonly sourceCalls: number;
  /** How many calls of the source the case may take. */
  readonly allowed: number;
  /** The longest time that one call of a member took, ms. */
  readonly longestWaitMs: number;
  /** How often the store accepted a second writer for an epoch. */
  readonly lateWritesAccepted: number;
  /** The calls of members that had not settled by their deadline. */
  readonly unsettled: number;
}

/** One call of one member. */
export interface LedgerEntry {
  readonly case: string;
  readonly member: string;
  /** When the call began, ms after the case did. */
  readonly at: number;
  readonly ms: number;
  /** The token that came, or how the call failed. */
  readonly outcome: string;
}

/** Members on real stores. */
export interface Suite {
  readonly name: string;
  run(options: {
    readonly isShort: boolean;
  }): Promise<{ readonly rows: readonly Row[]; readonly ledger: readonly LedgerEntry[] }>;
}
