import { type Known, redacted } from '../redaction/value.js';
import type { ChartState, Entry, Session } from './messages.js';

/**
 * The texts of a session that are known to be no secrets, however much they look like it: what charts are
 * made of, the names of controls, and who the client is.
 *
 * @param clientIds those the client had, as far as they are known
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
    for (const { event, target } of fromAnywhere) add(event, target);
  }
  return (text) => names.has(text) || new Set(clientIds()).has(text);
}

/** Who the client was in the views of a recording. */
export function clientIdsIn(entries: readonly Entry[]): Set<string | null> {
  return new Set(entries.map((entry) => (entry.kind === 'view' ? entry.view.clientId : null)));
}

/** A chart is a machine's, not a client's, and a control is called by its name: the rest is redacted. */
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
