import { createHmac } from 'node:crypto';
import { decode } from '@msgpack/msgpack';
import { onTestFinished } from 'vitest';
import {
  type AppInit,
  createSandbox,
  type KeyInfo,
  type MemorySocketEvent,
  type Sandbox,
  type SandboxOptions,
} from '../../src/sandbox/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export type KeyInit = NonNullable<AppInit['keys']>[number];

/** The fields of bodies; `expect` says which are present. */
interface Told {
  readonly error: { readonly message: string };
  readonly token: string;
  readonly issued: number;
  readonly expires: number;
  readonly capability: string;
  readonly appId: string;
  readonly keys: readonly (KeyInfo & { readonly value: string })[];
  readonly namespaces: readonly unknown[];
}

/** The parts of an answer that tests check. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Told;
}

/** A protocol message from the service. */
export interface Frame {
  readonly action: number;
  readonly connectionId?: string;
  readonly connectionDetails?: {
    readonly clientId?: string;
    readonly connectionKey: string;
    readonly maxIdleInterval: number;
  };
  readonly [field: string]: unknown;
}

/** A sandbox on a virtual clock with one app and one key; everything ends with the test. */
export class SandboxHarness {
  readonly clock = new VirtualClock();
  readonly sandbox: Sandbox;
  readonly appId: string;
  readonly key: KeyInfo;
  readonly basic: { readonly authorization: string };
  #nonces = 0;

  constructor(key: KeyInit = {}, options: SandboxOptions = {}) {
    this.sandbox = createSandbox({ clock: this.clock, ...options });
    onTestFinished(() => this.sandbox.dispose());
    const { appId, keys } = this.sandbox.createApp({ keys: [key] });
    this.appId = appId;
    this.key = keys[0] as KeyInfo;
    this.basic = basicOf(this.key.keyStr);
  }

  async get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return answerOf(await this.sandbox.fetch(`https://any.example${path}`, { method, headers }));
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } };
    return answerOf(await this.sandbox.fetch(`https://any.example${path}`, init));
  }

  requestToken(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(`/keys/${this.key.keyName}/requestToken`, body, headers);
  }

  /** A token by an unsigned request with the key itself: the shortest way. */
  async token(fields: object = {}): Promise<string> {
    const { status, body } = await this.requestToken(this.unsigned(fields), this.basic);
    if (status !== 201) throw new Error(`no token: ${JSON.stringify(body)}`);
    return body.token;
  }

  unsigned(fields: object = {}): Record<string, unknown> {
    return { keyName: this.key.keyName, timestamp: this.clock.now(), ...fields };
  }

  /** A TokenRequest that is signed without code of the product. */
  signed(
    fields: Readonly<Record<string, unknown>> = {},
    secret = this.key.keySecret,
  ): Record<string, unknown> {
    this.#nonces += 1;
    const nonce = `nonce-${this.#nonces}`.padEnd(16, '-');
    const request: Record<string, unknown> = { ...this.unsigned(), nonce, ...fields };
    return { ...request, mac: macOf(request, secret) };
  }

  jwt(
    claims: Readonly<Record<string, unknown>> = {},
    head: object = {},
    secret = this.key.keySecret,
  ): string {
    const iat = Math.floor(this.clock.now() / SECOND);
    const part = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');
    const text = [
      part({ typ: 'JWT', alg: 'HS256', kid: this.key.keyName, ...head }),
      part({ iat, exp: iat + 3_600, ...claims }),
    ].join('.');
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  }

  /** The client's end of a new connection, after the first message of the service. */
  async connect(query: Readonly<Record<string, string>>): Promise<Client> {
    const client = new Client(this, query);
    await this.clock.advance(0);
    return client;
  }
}

export class Client {
  readonly frames: Frame[] = [];
  readonly events: MemorySocketEvent[] = [];
  readonly #harness: SandboxHarness;
  readonly #socket: InstanceType<SandboxHarness['sandbox']['WebSocket']>;

  constructor(harness: SandboxHarness, query: Readonly<Record<string, string>>) {
    this.#harness = harness;
    this.#socket = new harness.sandbox.WebSocket(`wss://any.example/?${new URLSearchParams(query)}`);
    this.#socket.onmessage = ({ data = '' }) =>
      this.frames.push((typeof data === 'string' ? JSON.parse(data) : decode(new Uint8Array(data))) as Frame);
    for (const type of ['open', 'close', 'error'])
      this.#socket.addEventListener(type, (event) => this.events.push(event));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The last received frame. */
  get last(): Frame | undefined {
    return this.frames.at(-1);
  }

  get actions(): number[] {
    return this.frames.map(({ action }) => action);
  }

  /** The contents of the first CONNECTED. */
  get connected() {
    const { connectionId, connectionDetails } = this.frames.find((one) => one.action === CONNECTED) ?? {};
    if (connectionId === undefined || connectionDetails === undefined) {
      throw new Error(`not connected, but told ${JSON.stringify(this.frames)}`);
    }
    return { connectionId, ...connectionDetails };
  }

  /** Sends, and waits for the immediate answers. */
  async send(frame: object | string | Uint8Array): Promise<void> {
    const isReady = typeof frame === 'string' || frame instanceof Uint8Array;
    this.#socket.send(isReady ? frame : JSON.stringify(frame));
    await this.#harness.clock.advance(0);
  }

  /** Sends, and returns the frames that were received because of it. */
  async ask(frame: object): Promise<Frame[]> {
    const since = this.frames.length;
    await this.send(frame);
    return this.frames.slice(since);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#harness.clock.advance(0);
  }
}

export const HEARTBEAT = 0;
export const ACK = 1;
export const NACK = 2;
export const CONNECTED = 4;
export const DISCONNECTED = 6;
export const CLOSED = 8;
export const ERROR = 9;
export const ATTACHED = 11;
export const MESSAGE = 15;
export const AUTH = 17;

export const basicOf = (keyStr: string) => ({
  authorization: `Basic ${Buffer.from(keyStr).toString('base64')}`,
});

/** By the text of the specification: an absent field is an empty line. */
export function macOf(request: Readonly<Record<string, unknown>>, secret: string): string {
  const names = ['keyName', 'ttl', 'capability', 'clientId', 'timestamp', 'nonce'];
  const text = names.map((name) => `${request[name] ?? ''}\n`).join('');
  return createHmac('sha256', secret).update(text, 'utf8').digest('base64');
}

async function answerOf(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const { status, headers } = response;
  if (bytes.length === 0) return { status, headers, body: undefined as never };
  const isJson = headers.get('content-type') === 'application/json';
  return { status, headers, body: isJson ? JSON.parse(Buffer.from(bytes).toString()) : decode(bytes) };
}
