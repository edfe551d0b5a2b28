import { type Actor, createActor } from 'xstate';
import { authMachine } from '../../machines/auth.machine.js';
import type { AuthInput } from '../../machines/auth-context.js';
import { lateInspector } from '../inspection/late-inspector.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { parts } from './parts.js';

/** The actor of one client. It is not started yet. */
export function clientActor(
  { clientId, clock, deadlineMs, inspect, log, random, renewal }: ParsedClientOptions,
  own: Pick<AuthInput, 'ports' | 'terms' | 'renewable' | 'given'>,
  isOver: () => boolean,
): Actor<typeof authMachine> {
  return createActor(authMachine, {
    id: 'auth',
    systemId: 'auth',
    clock,
    input: {
      ports: own.ports,
      terms: own.terms,
      renewable: own.renewable,
      given: own.given,
      clientId,
      deadlineMs,
      renewal,
      seed: random(),
    },
    ...(inspect === undefined ? {} : { inspect: lateInspector(parts.inspection, inspect, isOver, log) }),
  });
}
