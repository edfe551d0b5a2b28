import type { ConnectionState } from '../port.js';
import { nobody } from './bearer.js';
import type { Kind, Mode, ModeOf, Report, ReportOf, ReportType, Resting, Step } from './link-modes.js';
import * as rule from './link-rules.js';

type Rule<K extends Kind, T extends ReportType> = (mode: ModeOf<K>, report: ReportOf<T>) => Step;

/** What a report means in each mode: every pair is in the table. */
export type LinkTable = { readonly [T in ReportType]: { readonly [K in Kind]: Rule<K, T> } };

/** A report with the same meaning in every mode without a presented token. */
const resting = <R>(same: R): Record<Resting, R> => ({
  served: same,
  asking: same,
  delayed: same,
  halted: same,
});

export const linkTable: LinkTable = {
  'token.needed': { ...resting(rule.beAsked), presenting: rule.beAsked, disposed: rule.ignore },
  'token.refused': { ...resting(rule.takeRefusal), presenting: rule.awaitTheVerdict, disposed: rule.ignore },
  'token.accepted': { ...resting(rule.ignore), presenting: rule.noteAcceptance, disposed: rule.ignore },
  'identity.confirmed': {
    ...resting(rule.checkTheBearer),
    presenting: rule.checkTheBearer,
    disposed: rule.ignore,
  },
  'connection.changed': {
    ...resting(rule.takeState),
    presenting: rule.takeState,
    disposed: rule.ignore,
  },

  'report.unreadable': { ...resting(rule.warnOnce), presenting: rule.warnOnce, disposed: rule.ignore },

  'acquisition.begun': {
    ...resting(rule.begin),
    presenting: rule.joinWhilePresenting,
    disposed: rule.ignore,
  },
  'token.presented': {
    ...resting(rule.present),
    presenting: rule.unreachable,
    disposed: rule.refuse,
  },
  'token.withdrawn': { ...resting(rule.unreachable), presenting: rule.withdraw, disposed: rule.unreachable },
  'token.offered': {
    served: rule.giveIfForAnother,
    asking: rule.giveTheNext,
    delayed: rule.giveTheNext,
    halted: rule.keepForNewer,
    presenting: rule.ignore,
    disposed: rule.ignore,
  },
  'token.lost': { ...resting(rule.loseTheToken), presenting: rule.loseTheToken, disposed: rule.ignore },
  'attempt.halted': { ...resting(rule.halt), presenting: rule.halt, disposed: rule.ignore },
  'answer.urgent': { ...resting(rule.ignore), presenting: rule.hurry, disposed: rule.ignore },
  'token.denied': { ...resting(rule.denyIt), presenting: rule.unreachable, disposed: rule.ignore },
  'token.delayed': {
    served: rule.dropTheAccepted,
    asking: rule.delayIt,
    delayed: rule.ignore,
    halted: rule.delayIt,
    presenting: rule.unreachable,
    disposed: rule.ignore,
  },
  'attempt.failed': {
    served: rule.dropTheAccepted,
    asking: rule.delayIt,
    delayed: rule.helpIt,
    halted: rule.delayIt,
    presenting: rule.unreachable,
    disposed: rule.ignore,
  },
  'token.forgotten': { ...resting(rule.forget), presenting: rule.forget, disposed: rule.ignore },
  'client.disposed': { ...resting(rule.dispose), presenting: rule.dispose, disposed: rule.ignore },

  'push.announced': { ...resting(rule.push), presenting: rule.push, disposed: rule.ignore },
  'push.accepted': { ...resting(rule.noteLateAcceptance), presenting: rule.accept, disposed: rule.ignore },
  'push.rejected': { ...resting(rule.ignore), presenting: rule.reject, disposed: rule.ignore },
};

/** The first mode. */
export const firstMode = (clientId: string | undefined, heard: ConnectionState): Mode => ({
  kind: 'served',
  known: {
    clientId,
    bearer: nobody,
    token: null,
    next: null,
    accepted: null,
    heard,
    isClosed: false,
    announced: null,
    isWarned: false,
  },
});

/** The next mode, and the effects of the step. */
export function reduce(mode: Mode, report: Report): Step {
  const means = linkTable[report.type][mode.kind] as (mode: Mode, report: Report) => Step;
  return means(mode, report);
}
