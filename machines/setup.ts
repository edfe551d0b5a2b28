import {
  assign,
  createMachine,
  emit,
  type enqueueActions as xstateEnqueueActions,
  type setup as xstateSetup,
} from 'xstate';

/**
 * XState's `setup()` and `enqueueActions()`, less what the charts do not use: with them a page would load `sendTo`, `log`
 * and others, and each step would make a function for each kind of action.
 */

type Parts = NonNullable<Parameters<typeof createMachine>[1]>;
type Chart = Parameters<typeof createMachine>[0];

/** The types are XState's. Of the result there is only `createMachine()`. */
export const setup = (({ actors, actions, guards, delays }: Parts) => ({
  createMachine: (chart: Chart) => createMachine(chart, { actors, actions, guards, delays } as never),
})) as unknown as typeof xstateSetup;

/** Called by XState, which then runs the returned actions. */
function resolve(
  _scope: unknown,
  snapshot: unknown,
  { context, event }: { readonly context: unknown; readonly event: unknown },
  params: unknown,
  { collect }: { collect(args: object, params: unknown): void },
): readonly [snapshot: unknown, params: undefined, actions: readonly unknown[]] {
  const actions: unknown[] = [];
  const enqueue = {
    assign: (changes: Parameters<typeof assign>[0]) => actions.push(assign(changes)),
    emit: (emitted: Parameters<typeof emit>[0]) => actions.push(emit(emitted)),
  };
  collect({ context, event, enqueue }, params);
  return [snapshot, undefined, actions];
}

/** The types are XState's. Of `enqueue` there are only `assign()` and `emit()`. */
export const enqueueActions = ((collect: unknown) =>
  Object.assign(() => {}, {
    type: 'xstate.enqueueActions',
    collect,
    resolve,
  })) as unknown as typeof xstateEnqueueActions;
