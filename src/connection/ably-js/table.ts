import { type Effect, type Kind, kinds, type Mode, type Report, type ReportType } from './modes.js';
import * as auth from './rules.js';
import * as sdk from './sdk-rules.js';

type Row<Cell> = Readonly<Record<Kind, Cell>>;

/** What a report means in each mode, in the order of `kinds`. The last cell is for all later modes. */
const row = <Cell>(...cells: readonly Cell[]): Row<Cell> =>
  Object.fromEntries(
    kinds.map((kind, column) => [kind, cells[Math.min(column, cells.length - 1)]]),
  ) as Row<Cell>;

/** The report has no effect. */
function ignore(): void {}

/** This pair never happens, and a test counts it. If another version of the SDK causes it, it is ignored. */
export function unreachable(): void {}

/** What each report means in each mode: every pair is in the table. */
// biome-ignore format: it is a table
export const ablyJsTable: { readonly [Type in ReportType]: Row<auth.Rule<Type>> } = {
  //                      unserved        resting         opening         upgrading       shut            failing
  'auth.attached':    row(auth.attach,    unreachable),
  'auth.ready':       row(unreachable,    auth.introduce),
  'auth.detached':    row(unreachable,    auth.detach),
  'user.forgotten':   row(auth.forget),
  'token.pushed':     row(unreachable,    auth.push,      auth.push,      auth.push,      auth.push,      unreachable),
  'token.denied':     row(unreachable,    auth.deny,      auth.deny,      auth.deny,      auth.deny,      unreachable),
  'token.delayed':    row(unreachable,    auth.delay,     auth.delay,     auth.delay,     auth.delay,     unreachable),
  'token.next':       row(unreachable,    auth.useNext,   auth.useNext,   auth.useNext,   auth.useNext,   unreachable),
  'wait.aborted':     row(unreachable,    unreachable,    auth.giveUp,    auth.giveUp,    unreachable),
  'wait.halfway':     row(unreachable,    unreachable,    ignore,         auth.repeatIf,  unreachable),
  'wait.overdue':     row(unreachable,    unreachable,    ignore,         auth.expire,    unreachable),
  'call.settled':     row(ignore,         ignore,         sdk.settleCall, sdk.settleCall, ignore,         sdk.settleFail),
  'turn.over':        row(sdk.endTurn),
  'sdk.asked':        row(sdk.askLater,   sdk.handOrAsk,  sdk.handOver,   sdk.handOver,   sdk.handOrAsk,  sdk.forbid),
  'sdk.left':         row(sdk.know,       sdk.know,       sdk.know,       unreachable,    sdk.know),
  'sdk.connecting':   row(ignore,         sdk.connecting, sdk.connecting, sdk.connecting, sdk.closeAgain, sdk.connecting),
  'sdk.connected':    row(ignore,         sdk.connected),
  'sdk.updated':      row(ignore,         sdk.update),
  'sdk.disconnected': row(ignore,         sdk.lose),
  'sdk.suspended':    row(ignore,         sdk.end),
  'sdk.closing':      row(ignore,         sdk.end),
  'sdk.closed':       row(ignore,         sdk.end),
  'sdk.failed':       row(ignore,         sdk.end),
};

/** The next mode and the effects. */
export function reduce(before: Mode, report: Report): readonly [Mode, readonly Effect[]] {
  const mode: auth.Draft = { ...before, effects: [] };
  const rule = ablyJsTable[report.type][mode.kind] as auth.Rule<ReportType>;
  if (!('previous' in report) || sdk.hear(mode, report)) rule(mode, report as never);
  // The SDK has failed when its call has failed and every change is reported.
  if (mode.kind === 'failing' && mode.isSettled && mode.heard === report.state) {
    auth.become(mode, { kind: 'resting' });
    mode.effects.push(['accept', null]);
  }
  const { effects, ...after } = mode;
  return [after, effects];
}
