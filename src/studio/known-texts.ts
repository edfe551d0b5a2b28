import { type Known, redacted } from '../redaction/value.js';
import type { ChartState, Entry, Session } from './messages.js';

/**
 * The texts of a session that are known not to be secrets, even if they look like one: the names in charts
 * and controls, and the client's ids.
 *
 * @param clientIds the known ids of the client
 */
export function knownTexts(
  { charts, controls }: Pick<Session, 'charts' | 'controls'>,
  clientIds: () => Iterable<string | null>,
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
  return (text) => names.has(text) || new Set(clientIds()).has(text);
}

/** The ids of the client in the views of a recording. */
export function clientIdsIn(entries: readonly Entry[]): Set<string | null> {
  return new Set(entries.map((entry) => (entry.kind === 'view' ? entry.view.clientId : null)));
}

/**
 * The session without secrets. Charts come from the machine, and controls are called by name; all other texts
 * are redacted.
 */
export function shownSession({ title, charts, controls }: Session): Session {
  return {
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
