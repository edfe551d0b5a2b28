import { type ActorRefFrom, createActor, fromCallback } from 'xstate';
import {
  connectionMachine,
  type TransportCommand,
  type TransportInput,
} from '../../machines/connection.machine.js';
import type { ConnectionEmitted, ConnectionEvent } from '../../machines/connection-context.js';
import { ErrorInfo } from '../../src/errors.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { Sealed } from '../../src/token/sealed.js';

interface OpenTransport {
  readonly token: string | undefined;
  readonly resume: string | undefined;
  readonly commands: string[];
  isOpen: boolean;
}

/** The connection machine on a virtual clock, its transports played by hand. */
export class MachineHarness {
  readonly clock = new VirtualClock();
  readonly emitted: ConnectionEmitted[] = [];
  readonly transports: OpenTransport[] = [];
  readonly actor: ActorRefFrom<typeof connectionMachine>;

  constructor(inspect?: (event: unknown) => void) {
    const machine = connectionMachine.provide({
      actors: {
        transport: fromCallback<TransportCommand, TransportInput>(({ input, receive }) => {
          const transport: OpenTransport = {
            token: input.token?.open().token,
            resume: input.resume?.open(),
            commands: [],
            isOpen: true,
          };
          this.transports.push(transport);
          receive((command) => {
            transport.commands.push(
              command.type === 'authenticate' ? `auth ${command.token.open().token}` : command.type,
            );
          });
          return () => {
            transport.isOpen = false;
          };
        }),
      },
    });
    this.actor = createActor(machine, {
      clock: this.clock,
      input: {
        ports: new Sealed({ clock: this.clock, random: () => 0 }),
        times: {
          requestTimeoutMs: 10_000,
          disconnectedRetryMs: 15_000,
          suspendedRetryMs: 30_000,
          stateTtlMs: 120_000,
        },
      },
      ...(inspect === undefined ? {} : { inspect }),
    });
    this.actor.on('*', (emitted) => this.emitted.push(emitted));
    this.actor.start();
  }

  /** `connected.steady` */
  get state(): string {
    const { value } = this.actor.getSnapshot();
    return typeof value === 'string' ? value : Object.entries(value).flat().join('.');
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  get told(): string[] {
    return this.emitted.map(({ type }) => type);
  }

  /** The transports that are open: never more than one. */
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
  token: new Sealed({ token }),
});

export const replaced = (token: string): ConnectionEvent => ({
  type: 'token.replaced',
  token: new Sealed({ token }),
});

export const serverConnected = (more: { id?: string; error?: ErrorInfo } = {}): ConnectionEvent => ({
  type: 'server.connected',
  id: 'id',
  key: new Sealed('key'),
  clientId: null,
  stateTtlMs: undefined,
  error: undefined,
  ...more,
});

const error = (code: number) => new ErrorInfo({ code, message: `made up: ${code}` });

export const lost: ConnectionEvent = { type: 'transport.lost', error: error(80003) };
export const dropped: ConnectionEvent = { type: 'server.disconnected', error: error(80003) };
export const expired: ConnectionEvent = { type: 'server.disconnected', error: error(40142) };
export const forbidden: ConnectionEvent = { type: 'server.failed', error: error(40101) };
export const refused: ConnectionEvent = { type: 'server.failed', error: error(40142) };
export const denied: ConnectionEvent = { type: 'token.denied', error: error(40170) };
