import { type Known, redacted } from '../redaction/value.js';
import { namesIn } from './claims.js';
import type { ChartState, Entry, Session } from './messages.js';

/**
 * The texts of a session that are known not to be secrets, even if they look like one: the names in charts
 * and controls, and the names of clients and channels.
 *
 * @param others the names of clients and channels
 */
export function knownTexts(
  { charts, controls }: Pick<Session, 'charts' | 'controls'>,
  others: () => ReadonlySet<string | null>,
): Known {
  const names = new Set(controls.map(({ name }) => name));
  const add = (...texts: readonly string[]) => {
    for (const text of texts) names.add(text);
  };
  const addState = ({ id, name, states }: ChartState) => {
    add(id, name);
    states.forEach(addState);
  };
  for (const { name, states, edges, fromAnywhere } of charts) {
    add(name);
    states.forEach(addState);
    for (const { id, source, target, events, conditions } of edges)
      add(id, source, target, ...events, ...conditions);
    for (const { event, target, guard = '' } of fromAnywhere) add(event, target, guard);
  }
  return (text) => names.has(text) || others().has(text);
}

/** The names in a recording that are not secrets: of the client, and of the channels that it may use. */
export function namesInEntries(entries: readonly Entry[]): Set<string | null> {
  const names = new Set<string | null>();
  for (const entry of entries) {
    if (entry.kind === 'view')
      names.add(entry.view.clientId).add(entry.view.decision.token?.capability ?? null);
    if (entry.kind === 'told') for (const text of namesIn(entry.claims ?? [])) names.add(text);
  }
  return names;
}

/**
 * The session without secrets. Charts come from the machine, and controls are called by name; all other texts
 * are redacted.
 */
export function shownSession({ id, title, charts, controls }: Session): Session {
  return {
    ...(id === undefined ? {} : { id: redacted(id) as string }),
    title: redacted(title) as string,
    charts,
    controls: controls.map(({ name, label, hint, group }) => ({
      name,
      label: redacted(label) as string,
      hint: redacted(hint) as string,
      group,
    })),
  };
}
