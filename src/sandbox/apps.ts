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

const word = (bytes: number): string => randomBytes(bytes).toString('base64url').replaceAll(/[-_]/g, 'x');

/** The apps of one sandbox, and their keys. */
export class Apps {
  readonly #apps = new Map<string, Map<string, Key>>();

  create(init: AppInit): AppInfo {
    const appId = word(5);
    const wanted = init.keys === undefined || init.keys.length === 0 ? [{}] : init.keys;
    const keys = wanted.map(({ capability = { '*': ['*'] }, revocableTokens = false }): Key => {
      const capabilities = parseCapability(capability);
      return { appId, name: `${appId}.${word(5)}`, secret: word(32), capabilities, revocableTokens };
    });
    this.#apps.set(appId, new Map(keys.map((key) => [key.name, key])));
    return { appId, keys: keys.map(infoOf) };
  }

  delete(appId: string): boolean {
    return this.#apps.delete(appId);
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

function infoOf({ name, secret, capabilities, revocableTokens }: Key): KeyInfo {
  const id = name.split('.')[1] ?? '';
  const capability = capabilityText(capabilities);
  return { id, keyName: name, keySecret: secret, keyStr: `${name}:${secret}`, capability, revocableTokens };
}
