import type { DecisionFacts } from '../../client/decision-words.js';

/** The same decision at a later time: durations are counted from that time. */
export function decisionAt(decision: DecisionFacts, now: number): DecisionFacts {
  const passed = now - decision.now;
  const later = (inMs: number | null) => (inMs === null ? null : inMs - passed);
  const { token } = decision;
  return {
    ...decision,
    now,
    token: token && {
      ...token,
      receivedInMs: token.receivedInMs - passed,
      renewInMs: later(token.renewInMs),
      diesInMs: later(token.diesInMs),
    },
  };
}
