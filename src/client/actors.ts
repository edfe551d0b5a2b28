import { type Actor, createActor, fromPromise } from 'xstate';
import { acquisitionMachine, type StageInput } from '../../machines/acquisition.machine.js';
import type { Ask } from '../../machines/ask.js';
import { authMachine } from '../../machines/auth.machine.js';
import type { AuthInput } from '../../machines/auth-context.js';
import type { Accepted, MachinePorts, SourceAnswer } from '../../machines/ports.js';
import { inspector } from '../inspect.js';
import type { ParsedClientOptions } from '../options.js';
import type { Sealed } from '../token/sealed.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';

/** What the working actors need of a client, besides what the machines need. */
export interface ClientPorts extends MachinePorts {
  ask(ask: Ask, signal: AbortSignal): Promise<SourceAnswer>;
  exchange(request: Sealed<TokenRequest>, ask: Ask, signal: AbortSignal): Promise<SourceAnswer>;
  present(token: Sealed<TokenDetails>, ask: Ask, signal: AbortSignal): Promise<Accepted>;
}

/** The box a client's ports travel in was filled by the client itself. */
const portsOf = (input: StageInput): ClientPorts => input.ports.open() as ClientPorts;

/** The machine of every client. Provided once: a client brings its ports as input, not as actors. */
export const clientMachine = authMachine.provide({
  actors: {
    acquisition: acquisitionMachine.provide({
      actors: {
        'ask the source': fromPromise<SourceAnswer, StageInput>(({ input, signal }) =>
          portsOf(input).ask(input.ask, signal),
        ),
        'exchange the request': fromPromise<SourceAnswer, StageInput & { request: Sealed<TokenRequest> }>(
          ({ input, signal }) => portsOf(input).exchange(input.request, input.ask, signal),
        ),
        'present the token': fromPromise<Accepted, StageInput & { token: Sealed<TokenDetails> }>(
          ({ input, signal }) => portsOf(input).present(input.token, input.ask, signal),
        ),
      },
    }),
  },
});

/** The actor of one client, not started yet. */
export function clientActor(
  { clientId, clock, deadlineMs, inspect, log, random, renewal }: ParsedClientOptions,
  own: Pick<AuthInput, 'ports' | 'terms' | 'renewable' | 'given'>,
  isOver: () => boolean,
): Actor<typeof clientMachine> {
  return createActor(clientMachine, {
    id: 'auth',
    systemId: 'auth',
    clock,
    input: { ...own, clientId, deadlineMs, renewal, seed: random() },
    ...(inspect === undefined ? {} : { inspect: inspector(inspect, isOver, log) }),
  });
}
