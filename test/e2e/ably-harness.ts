import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as Ably from 'ably';
import { SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import {
  type AppInit,
  createSandbox,
  type KeyInfo,
  type Listening,
  type Sandbox,
  type SandboxOptions,
} from '../../src/sandbox/index.js';

/** Both encodings of the SDK. */
export const protocols = [
  ['JSON', false],
  ['MessagePack', true],
] as const;

/** A sandbox on a real socket, one app, and the real SDK; everything ends with the test. */
export class Witness {
  readonly sandbox: Sandbox;
  readonly server: Listening;
  readonly key: KeyInfo;
  readonly keys: readonly KeyInfo[];
  readonly #useBinaryProtocol: boolean;

  private constructor(sandbox: Sandbox, server: Listening, keys: readonly KeyInfo[], binary: boolean) {
    this.sandbox = sandbox;
    this.server = server;
    this.keys = keys;
    this.key = keys[0] as KeyInfo;
    this.#useBinaryProtocol = binary;
  }

  static async start(binary: boolean, app: AppInit = {}, options: SandboxOptions = {}): Promise<Witness> {
    const sandbox = createSandbox(options);
    onTestFinished(() => sandbox.dispose());
    const server = await sandbox.listen();
    return new Witness(sandbox, server, sandbox.createApp(app).keys, binary);
  }

  /** The options for the address and the encoding only. */
  get options(): Ably.ClientOptions {
    return {
      endpoint: this.server.host,
      port: this.server.port,
      tls: false,
      useBinaryProtocol: this.#useBinaryProtocol,
      logLevel: 0,
    };
  }

  rest(more: Ably.ClientOptions = { key: this.key.keyStr }): Ably.Rest {
    return new Ably.Rest({ ...this.options, ...more });
  }

  realtime(more: Ably.ClientOptions = { key: this.key.keyStr }): Ably.Realtime {
    const client = new Ably.Realtime({ ...this.options, ...more });
    onTestFinished(() => client.close());
    return client;
  }

  /** A connected client. */
  async connected(more?: Ably.ClientOptions): Promise<Ably.Realtime> {
    const client = this.realtime(more);
    await reaches(client, 'connected');
    return client;
  }

  /** An authCallback that returns tokens one after the other, which the SDK itself requests with the key. */
  issuing(...params: readonly Ably.TokenParams[]): Ably.ClientOptions {
    const rest = this.rest({ key: this.key.keyStr });
    let calls = 0;
    return {
      authCallback: (_asked, callback) => {
        const wanted = params[Math.min(calls, params.length - 1)] ?? {};
        calls += 1;
        rest.auth.requestToken(wanted).then(
          (token) => callback(null, token),
          (error) => callback(error, null),
        );
      },
    };
  }

  jwt(
    claims: Readonly<Record<string, unknown>> = {},
    { lives = 3_600, key = this.key } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ typ: 'JWT', alg: 'HS256', kid: key.keyName })
      .setIssuedAt(now)
      .setExpirationTime(now + lives)
      .sign(new TextEncoder().encode(key.keySecret));
  }

  /** A request to `POST /keys/{keyName}/revokeTokens`, with the key itself. */
  revoke(key: KeyInfo, target: Ably.TokenRevocationTargetSpecifier, allowReauthMargin = false) {
    return this.rest({ key: key.keyStr }).auth.revokeTokens([target], { allowReauthMargin });
  }
}

/** An app's own endpoint for authUrl. */
export async function authEndpoint(answer: (url: URL) => Promise<unknown>): Promise<string> {
  const server: Server = createServer((request, response) => {
    answer(new URL(request.url ?? '/', 'http://endpoint')).then((body) => {
      const isText = typeof body === 'string';
      response.setHeader('content-type', isText ? 'text/plain' : 'application/json');
      response.end(isText ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth`;
}

/** Resolves when the connection is in a state, at once if it is. */
export function reaches(
  client: Ably.Realtime,
  state: Ably.ConnectionState,
): Promise<Ably.ConnectionStateChange | null> {
  return client.connection.whenState(state);
}

/** Resolves at the next change to a state, even if the client is in that state already. */
export function next(
  client: Ably.Realtime,
  event: Ably.ConnectionEvent,
): Promise<Ably.ConnectionStateChange> {
  return new Promise((resolve) => client.connection.once(event, resolve));
}

export function nextOf(
  channel: Ably.RealtimeChannel,
  event: Ably.ChannelEvent,
): Promise<Ably.ChannelStateChange> {
  return new Promise((resolve) => channel.once(event, resolve));
}

/** Resolves with the next message on a channel, after attaching it. */
export async function listening(
  channel: Ably.RealtimeChannel,
): Promise<{ readonly heard: Promise<Ably.InboundMessage> }> {
  let resolve: (message: Ably.InboundMessage) => void = () => {};
  const promise = new Promise<Ably.InboundMessage>((settle) => {
    resolve = settle;
  });
  await channel.subscribe(resolve);
  return { heard: promise };
}
