import { type ActorRefFrom, createActor, fromCallback, fromPromise } from 'xstate';
import {
  type CheckInput,
  connectionMachine,
  type TransportCommand,
  type TransportInput,
} from '../../machines/connection.machine.js';
import type {
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionInput,
} from '../../machines/connection-context.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { Secret } from '../../src/token/secret.js';
import { pathOf } from './graph.js';

interface OpenTransport {
  readonly token: string | undefined;
  readonly resume: string | undefined;
  readonly host: string | null;
  readonly commands: string[];
  isOpen: boolean;
}

/** The connection machine on a virtual clock. The test plays its transports. */
export class MachineHarness {
  readonly clock = new VirtualClock();
  readonly emitted: ConnectionEmitted[] = [];
  readonly transports: OpenTransport[] = [];
  /** The network checks that wait for an answer. */
  readonly checks: ((answer: boolean | 'broken') => void)[] = [];
  readonly actor: ActorRefFrom<typeof connectionMachine>;

  constructor(inspect?: (event: unknown) => void, more: Partial<ConnectionInput> = {}) {
    const machine = connectionMachine.provide({
      actors: {
        transport: fromCallback<TransportCommand, TransportInput>(({ input, receive }) => {
          const transport: OpenTransport = {
            token: input.token?.expose().token,
            resume: input.resume?.expose(),
            host: input.host,
            commands: [],
            isOpen: true,
          };
          this.transports.push(transport);
          receive((command) => {
            transport.commands.push(
              command.type === 'authenticate' ? `auth ${command.token.expose().token}` : command.type,
            );
          });
          return () => {
            transport.isOpen = false;
          };
        }),
        'check the network': fromPromise<boolean, CheckInput>(
          () =>
            new Promise((resolve, reject) => {
              this.checks.push((answer) =>
                answer === 'broken' ? reject(new Error('broken')) : resolve(answer),
              );
            }),
        ),
      },
    });
    this.actor = createActor(machine, {
      clock: this.clock,
      input: {
        ports: new Secret({ clock: this.clock, random: () => 0 }),
        times: {
          requestTimeoutMs: 10_000,
          disconnectedRetryMs: 15_000,
          suspendedRetryMs: 30_000,
          stateTtlMs: 120_000,
        },
        usesKey: false,
        clientId: undefined,
        fallbackHosts: [],
        ...more,
      },
      ...(inspect === undefined ? {} : { inspect }),
    });
    this.actor.on('*', (emitted) => this.emitted.push(emitted));
    this.actor.start();
  }

  /** `connected.steady` */
  get state(): string {
    return pathOf(this.actor.getSnapshot().value);
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  get told(): string[] {
    return this.emitted.map(({ type }) => type);
  }

  /** The open transports: never more than one. */
  get open(): OpenTransport[] {
    return this.transports.filter(({ isOpen }) => isOpen);
  }

  send(...events: ConnectionEvent[]): this {
    for (const event of events) this.actor.send(event);
    return this;
  }
}

export const given = (token: string): ConnectionEvent => ({
  type: 'token.given',
  token: new Secret({ token }),
});

export const replaced = (token: string): ConnectionEvent => ({
  type: 'token.replaced',
  token: new Secret({ token }),
});

export const serverConnected = (
  more: { id?: string; clientId?: string; error?: ErrorInfo } = {},
): ConnectionEvent => ({
  type: 'server.connected',
  id: 'id',
  key: new Secret('key'),
  clientId: null,
  stateTtlMs: undefined,
  error: undefined,
  ...more,
});

const error = (code: number) => new ErrorInfo({ code, message: `made up: ${code}` });
const unavailable = new ErrorInfo({ code: 80003, statusCode: 503, message: 'made up: 503' });

export const lost: ConnectionEvent = { type: 'transport.lost', error: error(80003) };
export const dropped: ConnectionEvent = { type: 'server.disconnected', error: error(80003) };
export const expired: ConnectionEvent = { type: 'server.disconnected', error: error(40142) };
export const forbidden: ConnectionEvent = { type: 'server.failed', error: error(40101) };
export const refused: ConnectionEvent = { type: 'server.failed', error: error(40142) };
export const overloaded: ConnectionEvent = { type: 'server.disconnected', error: unavailable };
export const delayed: ConnectionEvent = { type: 'token.delayed', error: error(40170) };
export const frozen: ConnectionEvent = { type: 'page.frozen', error: error(80003) };
export const offline: ConnectionEvent = { type: 'network.lost', error: error(80003) };
export const denied: ConnectionEvent = { type: 'token.denied', error: error(40170) };
