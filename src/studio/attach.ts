import { WebSocketImpl } from '#websocket';
import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { Auth } from '../index.js';
import { fieldOf, textIn } from '../redaction/received.js';
import type { StudioOptions } from './mount.js';
import { Recorder } from './recorder.js';
import { studioOptions } from './studio-arguments.js';
import { Subject } from './subject.js';

/** A client that is shown by a studio elsewhere. */
export interface Attachment {
  /**
   * Resolves when the studio shows it; rejects with a `TypeError` that says why when it cannot be had, or
   * does not take the client. Whoever does not ask is not disturbed: a client goes on without its studio.
   */
  readonly ready: Promise<void>;
  /** Ends it; the client goes on as before. */
  detach(): void;
  /** As {@link Attachment.detach}, for `using`. */
  [Symbol.dispose](): void;
}

/** The studio shows how the client is; nobody else on the network is to see it or press its buttons. */
const HERE = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Shows a client in a studio that runs on the same machine as a program of its own: for a client in a
 * Node process, or in another page. What it sends is redacted before it leaves.
 *
 * @param url the address that the studio printed: it holds a token that works once
 * @throws {ErrorInfo} 40003 when `auth` is no client, `url` is no WebSocket address of this machine, the platform
 * has no WebSocket, or an option cannot be
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { attachStudio } from 'latchkey/studio';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * attachStudio(auth, 'ws://127.0.0.1:4820/attach/the-token-that-was-printed');
 * ```
 */
export function attachStudio(auth: Auth, url: string | URL, options: StudioOptions = {}): Attachment {
  const given = studioOptions(auth, options);
  const address = addressOf(url);
  if (WebSocketImpl === undefined)
    throw new ErrorInfo({ code: 40003, message: 'there is no WebSocket on this platform' });
  const recorder = new Recorder(new Subject(auth), given);
  const socket = new WebSocketImpl(address);
  const end = () => {
    recorder.dispose();
    socket.close();
  };
  const ready = new Promise<void>((resolve, reject) => {
    socket.onopen = () =>
      void recorder.subscribe((message) => {
        socket.send(JSON.stringify(message));
        if (message.type === 'gone') socket.close();
      });
    socket.onmessage = ({ data }: { data: unknown }) => {
      const word = wordIn(data);
      const [type, control] = [fieldOf(word, 'type'), textIn(word, 'control')];
      if (type === 'attached') resolve();
      // What it throws is recorded.
      if (type === 'perform' && control !== undefined) void recorder.perform(control).catch(() => {});
    };
    const over = (why: string) => {
      reject(new TypeError(why));
      recorder.dispose();
    };
    socket.onerror = () => over(NOT_THERE);
    socket.onclose = (event: unknown) => {
      const reason = textIn(event, 'reason') ?? '';
      over(reason === '' ? NOT_THERE : `The studio does not take it: ${reason}`);
    };
  });
  ready.catch(() => {});
  return { ready, detach: end, [Symbol.dispose]: end };
}

const NOT_THERE =
  'There is no studio at this address, or the address was used before: take the one the studio printed last';

function addressOf(url: string | URL): string {
  const text = url instanceof URL ? url.href : url;
  const parsed = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol !== 'ws:' || !HERE.has(parsed.hostname))
    throw invalidOption('url', 'the address that a studio on this machine printed: ws://127.0.0.1:…', url);
  return parsed.href;
}

/** What the studio says: that it has the client, or what is to be done. */
function wordIn(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}
