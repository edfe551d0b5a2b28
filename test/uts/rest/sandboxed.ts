import { createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type ConnectionStateChange, RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { type AppInit, createSandbox, type KeyInfo } from '../../../src/sandbox/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

export const HOUR = 3_600_000;

export type Sandboxed = ReturnType<typeof sandboxed>;

/** A sandbox with one app on its own clock; it and its clients end with the test. */
export function sandboxed(key: NonNullable<AppInit['keys']>[number] = {}) {
  const clock = new VirtualClock();
  const sandbox = createSandbox({ clock });
  onTestFinished(() => sandbox.dispose());
  const { appId, keys } = sandbox.createApp({ keys: [key] });
  const [keyInfo] = keys as readonly [KeyInfo];
  const { keyStr } = keyInfo;

  const newAuth = (options: ClientOptions): Auth => {
    const auth = new Auth({ clock, random: () => 0, fetch: sandbox.fetch, ...options });
    onTestFinished(() => auth.dispose());
    return auth;
  };

  /** A client with a live connection, and the connection's events. */
  const connect = async (options: ClientOptions) => {
    const WebSocket = sandbox.WebSocket as never;
    const connection = new RealtimeConnection({ clock, random: () => 0, fallbackHosts: [], WebSocket });
    onTestFinished(() => connection.dispose());
    const changes: ConnectionStateChange[] = [];
    connection.onStateChange((change) => changes.push(change));
    newAuth({ ...options, connection });
    await clock.advance(0);
    return { connection, changes };
  };

  return { clock, sandbox, appId, key: keyInfo, keyStr, newAuth, connect };
}

interface Claims {
  readonly clientId?: string | null | undefined;
  readonly capability?: object;
  /** ms since the epoch. */
  readonly issued: number;
  readonly expires: number;
}

/** An Ably JWT, made without code of the product. */
export function signedJwt(key: KeyInfo, { clientId, capability, issued, expires }: Claims): string {
  const part = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');
  const head = part({ typ: 'JWT', alg: 'HS256', kid: key.keyName });
  const body = part({
    iat: Math.floor(issued / 1_000),
    exp: Math.floor(expires / 1_000),
    ...(capability === undefined ? {} : { 'x-ably-capability': JSON.stringify(capability) }),
    ...(clientId === undefined || clientId === null ? {} : { 'x-ably-clientId': clientId }),
  });
  const signature = createHmac('sha256', key.keySecret).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

/** The answer of a service to messages published on `channel`: the ACK, or the NACK with its error. */
export async function publish(
  { clock }: Sandboxed,
  connection: RealtimeConnection,
  channel: string,
  message: object,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const replies: Readonly<Record<string, unknown>>[] = [];
  const stop = connection.onMessage((reply) => replies.push({ ...reply }));
  connection.send({ action: 15, channel, msgSerial: 0, messages: [message] });
  await clock.advance(0);
  stop();
  return replies.find(({ action }) => action === ACK || action === NACK);
}

export const ACK = 1;
export const NACK = 2;
