import { WebSocketImpl } from '#websocket';
import { invalidOption } from '../checks/option-checks.js';
import { systemClock } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { Auth } from '../index.js';
import { fieldOf, isA, parseJson, textIn } from '../redaction/received.js';
import { Budget } from './budget.js';
import { Recorder } from './recorder.js';
import type { AttachOptions } from './studio-arguments.js';
import { studioOptions } from './studio-arguments.js';
import { Subject } from './subject.js';

/** A client that a studio in another process shows. */
export interface Attachment {
  /**
   * Resolves when the studio shows the client. Rejects with a `TypeError` if there is no studio at this
   * address or it refuses the client. You need not handle the rejection: the client works without its studio.
   */
  readonly ready: Promise<void>;
  /** Detaches the client, which continues to work. */
  detach(): void;
  /** The same as {@link Attachment.detach}, for `using`. */
  [Symbol.dispose](): void;
}

/** The studio shows the client's state and has buttons that act on it, so only this machine may use it. */
const HERE = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Shows a client in a studio that runs as another program on the same machine: for a client in a Node process
 * or in another page. Everything is redacted before it is sent.
 *
 * Without an address it takes the one in the environment variable `LATCHKEY_STUDIO`. Without that variable it does
 * nothing, and {@link Attachment.ready} rejects: the call can stay in the program.
 *
 * @param url the address that the studio printed; it is valid as long as that studio runs, and is a secret
 * @throws {ErrorInfo} 40003 if `auth` is not a client, `url` is not a WebSocket address of this machine, the
 * platform has no WebSocket, or an option is invalid
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { attachStudio } from 'latchkey/studio';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * attachStudio(auth);
 * ```
 */
export function attachStudio(auth: Auth, url?: string | URL, options: AttachOptions = {}): Attachment {
  const given = studioOptions(auth, options, ['title', 'controls']);
  const place = url === undefined ? inEnvironment() : url;
  if (place === undefined) return unattached();
  const address = addressOf(place, url === undefined ? VARIABLE : 'url');
  if (WebSocketImpl === undefined)
    throw new ErrorInfo({
      code: 40003,
      message: 'attachStudio() needs a WebSocket, and this platform has none',
    });
  const recorder = new Recorder(new Subject(auth), given);
  const socket = new WebSocketImpl(address);
  const performs = new Budget(MOST_PERFORMS, PERFORMS_PER_SECOND, () => systemClock.monotonic());
  const end = () => {
    recorder.dispose();
    socket.close();
  };
  const ready = new Promise<void>((resolve, reject) => {
    socket.onopen = () =>
      void recorder.subscribe((message) => {
        // What a studio does not read must not fill the memory of the program.
        const isUnread = Number(fieldOf(socket, 'bufferedAmount') ?? 0) > MOST_UNREAD_BYTES;
        if (!isUnread) socket.send(JSON.stringify(message));
        if (isUnread || message.type === 'gone') socket.close();
      });
    socket.onmessage = ({ data }: { data: unknown }) => {
      const word = wordIn(data);
      const [type, control] = [fieldOf(word, 'type'), textIn(word, 'control')];
      if (type === 'attached') resolve();
      // An error that a control throws is recorded by the recorder.
      if (type === 'perform' && control !== undefined && performs.spend(1))
        void recorder.perform(control).catch(() => {});
    };
    const over = (why: string) => {
      reject(new TypeError(why));
      recorder.dispose();
    };
    socket.onerror = () => over(NOT_THERE);
    socket.onclose = (event: unknown) => {
      const reason = textIn(event, 'reason') ?? '';
      over(reason === '' ? NOT_THERE : `The studio refuses the client: ${reason}`);
    };
  });
  ready.catch(() => {});
  return { ready, detach: end, [Symbol.dispose]: end };
}

/** The longest message of a studio: the name of a control has at most 64 letters. */
const LONGEST_WORD = 1_024;

/** How many controls a studio may use at once, and per second. More are ignored. */
const MOST_PERFORMS = 50;
const PERFORMS_PER_SECOND = 20;

const MOST_UNREAD_BYTES = 64 * 1024 * 1024;

const NOT_THERE = 'There is no studio at this address: use the one that the studio printed';

/** The variable of the environment that holds the address of a studio. */
const VARIABLE = 'LATCHKEY_STUDIO';

/** The address in the environment. An empty variable counts as absent. */
function inEnvironment(): string | undefined {
  const text = textIn(fieldOf(fieldOf(globalThis, 'process'), 'env'), VARIABLE);
  return text === '' ? undefined : text;
}

function unattached(): Attachment {
  const ready = Promise.reject(new TypeError(`There is no studio: ${VARIABLE} is not set`));
  ready.catch(() => {});
  const detach = () => {};
  return { ready, detach, [Symbol.dispose]: detach };
}

/** @param name where the address stands, for the error */
function addressOf(url: string | URL, name: string): string {
  const text = isA(url, URL) ? url.href : url;
  const parsed = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol !== 'ws:' || !HERE.has(parsed.hostname))
    throw invalidOption(
      name,
      'an address that a studio on this machine printed, such as ws://127.0.0.1:…',
      url,
    );
  return parsed.href;
}

/** Parses a message of the studio: the client is attached, or a control was used. Others are ignored. */
function wordIn(data: unknown): unknown {
  try {
    return typeof data === 'string' && data.length <= LONGEST_WORD ? parseJson(data) : undefined;
  } catch {
    return undefined;
  }
}
