import { randomBytes } from 'node:crypto';
import { type Capabilities, capabilityText, parseCapability } from './capability.js';
import { Fault } from './fault.js';

/** What an app is made from. @see `POST /apps` */
export interface AppInit {
  readonly keys?: readonly {
    readonly capability?: string | Readonly<Record<string, readonly string[]>>;
    readonly revocableTokens?: boolean;
  }[];
}

/** A key as `POST /apps` tells of it: the only place where its secret is told. */
export interface KeyInfo {
  readonly id: string;
  readonly keyName: string;
  readonly keySecret: string;
  readonly keyStr: string;
  readonly capability: string;
  readonly revocableTokens: boolean;
}

export interface AppInfo {
  readonly appId: string;
  readonly keys: readonly KeyInfo[];
}

export interface Key {
  readonly appId: string;
  readonly name: string;
  readonly secret: string;
  readonly capabilities: Capabilities;
  readonly revocableTokens: boolean;
}

const HOUR = 3_600_000;

const word = (bytes: number): string => randomBytes(bytes).toString('base64url').replaceAll(/[-_]/g, 'x');

/** The apps of one sandbox, and their keys. */
export class Apps {
  readonly #apps = new Map<string, Map<string, Key>>();

  /** @throws {Fault} 40000, 40001 when what is asked for is no app */
  create({ keys: asked = [] }: AppInit): AppInfo {
    if (!Array.isArray(asked)) throw new Fault(40001, 'keys is not a list');
    const appId = word(5);
    const keys = (asked.length === 0 ? [{}] : asked).map((one) => newKey(appId, one));
    this.#apps.set(appId, new Map(keys.map((key) => [key.name, key])));
    return { appId, keys: keys.map(infoOf) };
  }

  /** Its keys, and the tokens they issued, are known no more. */
  delete(appId: string): void {
    this.#apps.delete(appId);
  }

  /**
   * @throws {Fault} 40400: with 404 where the app is not known, with 401 where only the key is not.
   */
  key(name: string): Key {
    const keys = this.#apps.get(name.split('.')[0] ?? '');
    if (keys === undefined) throw new Fault(40400, 'no such app');
    const key = keys.get(name);
    if (key === undefined) throw new Fault(40400, 'no such key', 401);
    return key;
  }
}

/** How long a token of this key may live, ms. @see https://ably.com/docs/auth/token */
export function longestLife({ revocableTokens }: Key): number {
  return revocableTokens ? HOUR : 24 * HOUR;
}

function newKey(appId: string, init: unknown): Key {
  if (typeof init !== 'object' || init === null) throw new Fault(40001, 'a key is not an object');
  const { capability = { '*': ['*'] }, revocableTokens = false } = init as Readonly<Record<string, unknown>>;
  if (typeof revocableTokens !== 'boolean') throw new Fault(40001, 'revocableTokens is not a boolean');
  const capabilities = parseCapability(capability);
  return { appId, name: `${appId}.${word(5)}`, secret: word(32), capabilities, revocableTokens };
}

function infoOf({ name, secret, capabilities, revocableTokens }: Key): KeyInfo {
  const id = name.split('.')[1] ?? '';
  const capability = capabilityText(capabilities);
  return { id, keyName: name, keySecret: secret, keyStr: `${name}:${secret}`, capability, revocableTokens };
}
