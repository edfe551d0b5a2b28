import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../machines/auth.machine.js';

/** The actor of a client: to inspect, to subscribe to, to send events to. */
export type AuthActor = ActorRefFrom<typeof authMachine>;
