import { identityOf } from './client-id.js';
import { type ClientType, connectingAs } from './client-type.js';
import type { ConnectParams } from './connect-params.js';
import { Fault } from './fault.js';
import type { Grant } from './tokens.js';

/** What is known about the client of a connection. */
export interface Who {
  readonly grant: Grant;
  /** `'*'`: any client. null: anonymous. */
  readonly clientId: string | null;
  /** Device or server; undefined where the account does not ask. */
  readonly clientType: ClientType | undefined;
}

/** What decides whether a connection may have an identity. */
export interface IdentityRules {
  /** The grant of a token. @throws {Fault} */
  recognise(token: string): Grant;
  /** Whether AUTH accepts a token of another key. */
  readonly reauthByAnyKey: boolean;
  /** Whether the account is billed by monthly active users. */
  readonly isMau: boolean;
}

/** Checks the limit of connections before a client connects or changes. @throws {Fault} 80030 */
type Admit = (who: Who) => void;

type Declared = Pick<ConnectParams, 'clientId' | 'declared'>;

/** The identity of one connection. A change that is refused changes nothing. */
export class Identity {
  readonly #rules: IdentityRules;
  readonly #admit: Admit;
  #who: Who;
  /** The first `clientId` other than any (`*`), null included; undefined: there was none yet. */
  #settled: string | null | undefined;

  /** @throws {Fault} 40102 if the grant is for another client than the address names; 40012, 40167, 40168, 80030 */
  constructor(rules: IdentityRules, admit: Admit, grant: Grant, declared: Declared) {
    this.#rules = rules;
    this.#admit = admit;
    this.#who = this.#admitted(grant, declared);
    this.#settle();
  }

  get who(): Who {
    return this.#who;
  }

  /**
   * The client has new credentials. A connection keeps its app and its client.
   * @throws {Fault} 40102; 40012, 40167, 40168, 80030
   */
  change(grant: Grant, declared: Declared): void {
    if (grant.appId !== this.#who.grant.appId)
      throw new Fault('incompatible credentials', 'the token is of another app');
    const clientId = identityOf(grant, declared.clientId);
    if (clientId !== '*' && this.#settled !== undefined && clientId !== this.#settled)
      throw new Fault('incompatible credentials', 'the token is for another client');
    this.#who = this.#admitted(grant, declared);
    this.#settle();
  }

  /** The client has sent a token in AUTH. @throws {Fault} what `recognise` and {@link change} throw; 40102 */
  reauthenticate(token: string, declared: Declared): void {
    const grant = this.#rules.recognise(token);
    if (grant.keyName !== this.#who.grant.keyName && !this.#rules.reauthByAnyKey)
      throw new Fault('incompatible credentials', 'the token is of another key');
    this.change(grant, declared);
  }

  #admitted(grant: Grant, { clientId: asked, declared }: Declared): Who {
    const clientId = identityOf(grant, asked);
    const clientType = this.#rules.isMau ? connectingAs(grant, clientId, declared) : undefined;
    const who = { grant, clientId, clientType };
    this.#admit(who);
    return who;
  }

  /** A token for any client, between two for one client, does not change the identity. */
  #settle(): void {
    if (this.#who.clientId !== '*') this.#settled ??= this.#who.clientId;
  }
}
