import { Auth, type ClientOptions, type ConnectionAdapter } from 'latchkey';

/** The banner at the top of the page. */
export type Banner = 'signed out' | 'connecting' | 'live' | 'reconnecting' | 'not allowed';

/**
 * A small application: a board with live scores. It shows a banner, loads the scores with the current token,
 * and lets the user sign out. Everything outside is passed to it.
 */
export class ScoreBoard {
  banner: Banner = 'signed out';
  scores: readonly string[] = [];
  readonly #auth: Auth;
  #signOuts = 0;
  readonly #load: (token: string) => Promise<readonly string[]>;

  constructor(
    connection: ConnectionAdapter,
    load: (token: string) => Promise<readonly string[]>,
    options: ClientOptions,
  ) {
    this.#load = load;
    this.#auth = new Auth({ ...options, connection });
    this.#auth.state$.subscribe(({ value, final }) => {
      if (value === 'idle') this.banner = 'signed out';
      if (value === 'requesting') this.banner = this.scores.length === 0 ? 'connecting' : 'reconnecting';
      if (value === 'authorized' || value === 'renewing') this.banner = 'live';
      if (value === 'failed') this.banner = final === true ? 'not allowed' : 'reconnecting';
    });
  }

  async signIn(): Promise<void> {
    await this.#auth.authorize();
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const signOuts = this.#signOuts;
    const { token } = await this.#auth.getToken();
    const scores = await this.#load(token);
    // Scores that arrive after a sign-out are not for the next user.
    if (signOuts === this.#signOuts) this.scores = scores;
  }

  /** The client drops its token, and the connection is closed. */
  signOut(): void {
    this.#signOuts += 1;
    this.#auth.forget();
    this.scores = [];
  }

  close(): void {
    this.#auth.dispose();
  }
}
