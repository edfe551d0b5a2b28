import { randomText } from '#sandbox-bytes';
import { type Capabilities, capabilityText, parseCapability } from './capability.js';
import { Fault } from './fault.js';
import { isRecord } from './record.js';

/** What an app is created from. @see `POST /apps` */
export interface AppInit {
  readonly keys?: readonly {
    readonly capability?: string | Readonly<Record<string, readonly string[]>>;
    readonly revocableTokens?: boolean;
  }[];
  /** Repeated in the answer. They have no effect on the channels of the sandbox. */
  readonly namespaces?: readonly Readonly<Record<string, unknown>>[];
  /** Members that are present from the start. */
  readonly channels?: readonly {
    readonly name: string;
    readonly presence?: readonly Readonly<Record<string, unknown>>[];
  }[];
}

/** A key in the answer of `POST /apps`. Only this answer contains its secret. */
export interface KeyInfo {
  readonly id: string;
  readonly keyName: string;
  readonly keySecret: string;
  readonly keyStr: string;
  readonly capability: string;
  readonly revocableTokens: boolean;
}

/** An app of a sandbox, and its keys. */
export interface AppInfo {
  readonly appId: string;
  /** The first key, as the option `key` takes it: `appId.keyId:secret`. */
  readonly key: string;
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

/** The highest number of apps, and of keys in one app: the state is in memory. */
const MOST_APPS = 10_000;
const MOST_KEYS = 1_000;

/**
 * The highest weight of all apps together, about a byte each: a request of 1 MiB can create an app with many
 * keys.
 */
const MOST_WEIGHT = 64 * 1024 * 1024;
const WEIGHT_OF_KEY = 1_000;
const WEIGHT_OF_RESOURCE = 500;

const word = (bytes: number): string => randomText(bytes).replaceAll(/[-_]/g, 'x');

interface App {
  readonly keys: ReadonlyMap<string, Key>;
  readonly revoked: Set<string>;
  readonly weight: number;
}

/** The apps of one sandbox, and their keys. */
export class Apps {
  readonly #apps = new Map<string, App>();
  #weight = 0;

  get size(): number {
    return this.#apps.size;
  }

  /** Creates an app. @throws {Fault} 40000, 40001 if it is invalid; 42910 if there are too many */
  create(init: AppInit): AppInfo {
    checkFields(init, ['keys', 'namespaces', 'channels']);
    const { keys: asked = [] } = init;
    if (!Array.isArray(asked)) throw new Fault('invalid request body', 'keys must be a list');
    if (asked.length > MOST_KEYS) throw new Fault('too much at once', `an app has at most ${MOST_KEYS} keys`);
    if (this.#apps.size >= MOST_APPS) throw new Fault('too much at once', `there are ${MOST_APPS} apps`);
    const appId = word(5);
    const keys = (asked.length === 0 ? [{}] : asked).map((one) => newKey(appId, one));
    const weight = keys.reduce((sum, key) => sum + weightOf(key), 0);
    if (this.#weight + weight > MOST_WEIGHT) throw new Fault('too much at once', 'keys and what they may do');
    this.#weight += weight;
    this.#apps.set(appId, { keys: new Map(keys.map((key) => [key.name, key])), revoked: new Set(), weight });
    const infos = keys.map(infoOf);
    return { appId, key: infos[0]?.keyStr ?? '', keys: infos };
  }

  /** Deletes an app. Its keys, and the tokens they issued, are unknown from then on. */
  delete(appId: string): void {
    this.#weight -= this.#apps.get(appId)?.weight ?? 0;
    this.#apps.delete(appId);
  }

  /** Revokes a key and every token that it issued. @throws {Fault} 40400 */
  revoke(name: string): void {
    this.#app(name).revoked.add(this.key(name).name);
  }

  /**
   * Finds a key by its name.
   *
   * @throws {Fault} 40400: with status 404 for an unknown app, 401 for an unknown key of a known app;
   *   40131 for a revoked key.
   */
  key(name: string): Key {
    const { keys, revoked } = this.#app(name);
    const key = keys.get(name);
    if (key === undefined) throw new Fault('no such key');
    if (revoked.has(name)) throw new Fault('key/token status changed (revoke)');
    return key;
  }

  #app(keyName: string): App {
    const app = this.#apps.get(keyName.split('.', 1)[0] ?? '');
    if (app === undefined) throw new Fault('no such app');
    return app;
  }
}

/** The longest lifetime of this key's tokens, ms. @see https://ably.com/docs/auth/token */
export function longestLife({ revocableTokens }: Key): number {
  return revocableTokens ? HOUR : 24 * HOUR;
}

/** A misspelt field would give a key every right. Fixtures have comments, in fields that begin with `_`. */
function checkFields(init: object, known: readonly string[]): void {
  const other = Object.keys(init).find((name) => !known.includes(name) && !name.startsWith('_'));
  if (other !== undefined)
    throw new Fault(
      'invalid request body',
      `${other.slice(0, 100)} is unknown; the fields are ${known.join(', ')}`,
    );
}

function newKey(appId: string, init: unknown): Key {
  if (!isRecord(init)) throw new Fault('invalid request body', 'a key must be an object');
  checkFields(init, ['capability', 'revocableTokens']);
  const { capability = { '*': ['*'] }, revocableTokens = false } = init;
  if (typeof revocableTokens !== 'boolean') {
    throw new Fault('invalid request body', 'revocableTokens must be a boolean');
  }
  const capabilities = parseCapability(capability);
  return { appId, name: `${appId}.${word(5)}`, secret: word(32), capabilities, revocableTokens };
}

function weightOf({ capabilities }: Key): number {
  let weight = WEIGHT_OF_KEY;
  for (const [resource, operations] of capabilities) {
    weight += WEIGHT_OF_RESOURCE + resource.length + 50 * operations.size;
  }
  return weight;
}

function infoOf({ name, secret, capabilities, revocableTokens }: Key): KeyInfo {
  const id = name.split('.')[1] ?? '';
  const capability = capabilityText(capabilities);
  return { id, keyName: name, keySecret: secret, keyStr: `${name}:${secret}`, capability, revocableTokens };
}
