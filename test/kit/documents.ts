import { documentAuth } from '../../examples/documents/document-auth.js';
import { Auth, type ClientOptions } from '../../src/index.js';
import { type FakeConnection, fakeConnection, settle, VirtualClock } from '../../src/testing/index.js';

/** How long each token of the source lives, ms. */
export const LIFE_MS = 300_000;

/** A connection for each document, in virtual time, and a source that counts its calls. */
export class Documents {
  readonly clock = new VirtualClock();
  /** Whether the source fails. */
  isDown = false;
  calls = 0;
  /** How often a document was connected with a token that has expired. */
  deadTokens = 0;
  readonly documents: { readonly auth: Auth; readonly connection: FakeConnection }[] = [];
  readonly shared: Auth;

  constructor() {
    this.shared = new Auth(this.options);
  }

  get options(): ClientOptions {
    const authCallback = async () => {
      this.calls += 1;
      const { calls, clock, isDown } = this;
      if (isDown) throw new Error('the source is down');
      return { token: `token-${calls}`, issued: clock.now(), expires: clock.now() + LIFE_MS };
    };
    return { clock: this.clock, logLevel: 'none', authCallback };
  }

  /** @param isShared whether the documents have one source together, or ask by themselves */
  async open(count: number, isShared: boolean): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const connection = fakeConnection();
      const { push } = connection;
      connection.push = (event, signal) => {
        const isDead = 'token' in event && Number(event.token.expires) <= this.clock.now();
        if (isDead) this.deadTokens += 1;
        return push.call(connection, event, signal);
      };
      const { clock } = this;
      const auth = isShared
        ? documentAuth(this.shared, connection, { clock, logLevel: 'none' })
        : new Auth({ ...this.options, connection });
      this.documents.push({ auth, connection });
      connection.connect();
    }
    await settle(50);
  }

  /** The states of the connections, each once. */
  get states(): readonly string[] {
    return [...new Set(this.documents.map(({ connection }) => connection.state))];
  }

  /** How many documents have a token that has expired. */
  get expired(): number {
    return this.documents.filter(({ auth }) => Number(auth.tokenDetails?.expires) <= this.clock.now()).length;
  }

  dispose(): void {
    for (const { auth } of this.documents) auth.dispose();
    this.shared.dispose();
  }
}
