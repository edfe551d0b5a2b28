/** What happened in one case. */
export interface SuiteRow {
  readonly case: string;
  readonly members: number;
  readonly sourceCalls: number;
  /** The most calls of the source that the case excuses. */
  readonly allowed: number;
  readonly longestWaitMs: number;
  /** Writes that replaced a newer token, counted at the store. */
  readonly lateWritesAccepted: number;
  /** Calls of members that were not settled by their deadline. */
  readonly unsettled: number;
  /** What else did not hold, in words. */
  readonly broken?: readonly string[];
}

/** The members of one kind of store, on the real thing. */
export interface Suite {
  readonly name: string;
  /** @returns a row for each case, and each call of each member */
  run(options: {
    readonly isShort: boolean;
  }): Promise<{ readonly rows: readonly SuiteRow[]; readonly ledger: readonly object[] }>;
}

export const hasPassed = ({
  sourceCalls,
  allowed,
  lateWritesAccepted,
  unsettled,
  broken = [],
}: SuiteRow): boolean =>
  sourceCalls <= allowed && lateWritesAccepted === 0 && unsettled === 0 && broken.length === 0;
