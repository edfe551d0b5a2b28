import type { Said, View } from './client-under-test.js';

/** The common part of the models: a client as seen from outside. */
export type Expected = Omit<View, 'value' | 'final' | 'running'>;

export const nothingYet: Expected = {
  token: null,
  tokens: [],
  said: [],
  fetches: [],
  outcomes: [],
  waiting: 0,
};

/** A step of a model: the fields of the context that it changes. */
export type Change<C> = (context: C) => Partial<C>;

/** Applies one step after the other. */
export function inTurn<C extends object>(context: C, changes: readonly Change<C>[]): C {
  const now = { ...context };
  for (const change of changes) Object.assign(now, change(now));
  return now;
}

export const says =
  (...words: Said[]) =>
  ({ said }: Expected): Partial<Expected> => ({ said: [...said, ...words] });

/** The source is asked with these parameters. */
export const fetches =
  (terms = 'A') =>
  (context: Expected): Partial<Expected> => ({ fetches: [...context.fetches, terms] });

export const calls = ({ waiting }: Expected): Partial<Expected> => ({ waiting: waiting + 1 });

/** All pending callers get the same result. */
export const settle =
  (how: string) =>
  ({ outcomes, waiting }: Expected): Partial<Expected> => ({
    outcomes: [...outcomes, ...Array<string>(waiting).fill(how)],
    waiting: 0,
  });

/** A call that settles at once. */
export const hears =
  (how: string) =>
  ({ outcomes }: Expected): Partial<Expected> => ({ outcomes: [...outcomes, how] });

/** The newest request was answered: its token is the current one, and every caller gets it. */
export const takes = (context: Expected): Partial<Expected> => {
  const token = context.fetches.length;
  return { ...settle(`token ${token}`)(context), token, tokens: [...context.tokens, token] };
};

export const loses = (): Partial<Expected> => ({ token: null });
