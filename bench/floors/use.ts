// What an app writes with the types, and with the entries for pages. `floors` compiles this file with one
// version of a dependency, and checks the declarations too.
import type { Auth } from 'latchkey';
import { authMachine } from 'latchkey/machines';
import { createActor } from 'xstate';

export * as connections from 'latchkey/connection';
export * as servers from 'latchkey/server';
export * as tests from 'latchkey/testing';

export const token = (auth: Auth): Promise<string> => auth.getToken().then(({ token }) => token);
export const stop = (auth: Auth): void => auth.token$.subscribe(({ token }) => token.length).unsubscribe();
export const stateOf = (input: Parameters<typeof createActor<typeof authMachine>>[1]['input']) =>
  createActor(authMachine, { input }).getSnapshot().context;
