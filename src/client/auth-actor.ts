import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../../machines/auth.machine.js';

/**
 * The XState actor of a client: inspect it, subscribe to it, send events to it. The actor adds the moment to each
 * event that it receives.
 */
export type AuthActor = ActorRefFrom<typeof authMachine>;
