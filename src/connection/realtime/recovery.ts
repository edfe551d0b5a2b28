import type { ConnectionContext } from '../../../machines/connection-context.js';
import { invalidArgument, invalidOption, record } from '../../checks/option-checks.js';
import { isOwnError } from '../../errors/error-info.js';
import type { LogHandler } from '../../log/log.js';
import type { ConnectionState } from '../port.js';
import type { ProtocolMessage } from './protocol.js';
import type { RecoveryOption } from './recovery-option.js';

/** What a recovery key contains besides the key of the connection. */
interface Serials {
  readonly msgSerial: number;
  readonly channelSerials: Readonly<Record<string, string>>;
}

const ATTACH = 10;
const DETACHED = 13;
const ERROR = 9;
/** ATTACHED, PRESENCE, MESSAGE, OBJECT and ANNOTATION: their `channelSerial` is a place in the channel. @see RTL15b */
const PLACED = [11, 14, 15, 19, 21];

/**
 * What another client needs to continue a connection: the number of the next message, and what each channel has received.
 * @see RTN16
 */
export class Recovery {
  /** The number of the next message that the server acknowledges. @see RTN7b */
  #msgSerial: number;
  /** The latest serial of each channel that was attached or is to be recovered. undefined: not known yet. */
  readonly #channels: Map<string, string | undefined>;
  #connectionId: string | null = null;

  /**
   * @param recover the option. If it is malformed, the connection is a new one, and the log says so
   * @see RTN16f, RTN16f1, RTN16j
   */
  constructor({ recover, connectionKey }: RecoveryOption, log: LogHandler) {
    const { msgSerial, channelSerials } =
      recover === undefined || recover === null ? NOTHING : read(recover, connectionKey, log);
    this.#msgSerial = msgSerial;
    this.#channels = new Map(Object.entries(channelSerials));
  }

  /** As Ably's SDK writes it. null: the connection cannot be recovered. @see RTN16g, RTN16g1, RTN16g2 */
  keyOf({ key, state }: { readonly key: string | null; readonly state: ConnectionState }): string | null {
    if (key === null || state === 'suspended') return null;
    const channelSerials = Object.fromEntries(this.#channels);
    return JSON.stringify({ connectionKey: key, msgSerial: this.#msgSerial, channelSerials });
  }

  sent({ action, channel, channelSerial, msgSerial }: ProtocolMessage): void {
    if (Number.isSafeInteger(msgSerial)) this.#msgSerial = Math.max(this.#msgSerial, Number(msgSerial) + 1);
    if (action !== ATTACH || typeof channel !== 'string') return;
    const place = typeof channelSerial === 'string' ? channelSerial : this.#channels.get(channel);
    this.#channels.set(channel, place);
  }

  received({ action, channel, channelSerial }: ProtocolMessage): void {
    // Only channels that the app has attached count: a server must not fill the memory.
    if (typeof channel !== 'string' || !this.#channels.has(channel)) return;
    // RTL15b2
    if (action === DETACHED || action === ERROR) this.#channels.delete(channel);
    else if (PLACED.includes(action) && typeof channelSerial === 'string')
      this.#channels.set(channel, channelSerial);
  }

  /** The connection has changed. */
  follow({ id, key, errorReason }: ConnectionContext): void {
    const isForgotten = (id ?? key) === null;
    if (isForgotten) this.#channels.clear();
    // RTN15c7. A first connection with an error is not the one that was to be recovered (RTN16l).
    const isNew = id !== this.#connectionId && (this.#connectionId ?? errorReason) !== null;
    if (isForgotten || isNew) this.#msgSerial = 0;
    this.#connectionId = id;
  }
}

const NOTHING: Serials = { msgSerial: 0, channelSerials: {} };

function read(recover: string, connectionKey: string | undefined, log: LogHandler): Serials {
  try {
    return parse(recover, connectionKey);
  } catch (fault) {
    // The error of JSON.parse would show a part of the key.
    const error = isOwnError(fault) ? fault : invalidArgument('recover is not JSON');
    log(`the connection is not recovered: ${error.message}`, 'error', { error });
    return NOTHING;
  }
}

/** @throws {ErrorInfo | SyntaxError} */
function parse(text: string, connectionKey: string | undefined): Serials {
  const { msgSerial, channelSerials } = record('recover', JSON.parse(text) as Serials);
  if (connectionKey === undefined) throw invalidArgument('recover has no connectionKey');
  if (!Number.isSafeInteger(msgSerial) || msgSerial < 0)
    throw invalidOption('msgSerial of recover', 'a whole number', msgSerial);
  for (const serial of Object.values(record('channelSerials of recover', channelSerials)))
    if (typeof serial !== 'string') throw invalidOption('a serial of recover', 'a string', serial);
  return { msgSerial, channelSerials };
}
