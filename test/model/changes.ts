import type { Said, View } from './client-under-test.js';

/** What the models have in common: a client as it is seen from outside. */
export type Expected = Omit<View, 'value' | 'final' | 'running'>;

export const nothingYet: Expected = {
  token: null,
  tokens: [],
  said: [],
  fetches: [],
  outcomes: [],
  waiting: 0,
};

/** A step of a model: what it changes of a context. */
export type Change<C> = (context: C) => Partial<C>;

/** One step after the other. */
export function inTurn<C extends object>(context: C, changes: readonly Change<C>[]): C {
  const now = { ...context };
  for (const change of changes) Object.assign(now, change(now));
  return now;
}

export const says =
  (...words: Said[]) =>
  ({ said }: Expected): Partial<Expected> => ({ said: [...said, ...words] });

/** The source is asked, by these terms. */
export const fetches =
  (terms = 'A') =>
  (context: Expected): Partial<Expected> => ({ fetches: [...context.fetches, terms] });

export const calls = ({ waiting }: Expected): Partial<Expected> => ({ waiting: waiting + 1 });

/** All who wait hear the same. */
export const settle =
  (how: string) =>
  ({ outcomes, waiting }: Expected): Partial<Expected> => ({
    outcomes: [...outcomes, ...Array<string>(waiting).fill(how)],
    waiting: 0,
  });

/** A call that has its outcome at once. */
export const hears =
  (how: string) =>
  ({ outcomes }: Expected): Partial<Expected> => ({ outcomes: [...outcomes, how] });

/** The newest question was answered: its token is in use, and everybody has it. */
export const takes = (context: Expected): Partial<Expected> => {
  const token = context.fetches.length;
  return { ...settle(`token ${token}`)(context), token, tokens: [...context.tokens, token] };
};

export const loses = (): Partial<Expected> => ({ token: null });
