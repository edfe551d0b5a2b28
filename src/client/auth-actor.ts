import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../../machines/auth.machine.js';

/** The actor of a client: to inspect, to subscribe to, to send events to. Each event is given its moment as it comes in. */
export type AuthActor = ActorRefFrom<typeof authMachine>;
