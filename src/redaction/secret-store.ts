/** How many are remembered: tokens, macs and nonces, requests. Older ones are recognised by their look only. */
const MOST = { token: 8, request: 16, sent: 8 } as const;

/** A token; the mac and the nonce of a TokenRequest. */
type Kind = Exclude<keyof typeof MOST, 'sent'>;

/** One secret, as most clients have, or several. */
type Some = string | readonly string[];

/** The secrets of one client or connection: those of its options, and those that it used last. */
export class SecretStore {
  readonly #secretsOf: (options: never) => readonly string[];
  readonly #options: unknown;
  #token: Some | undefined;
  #request: Some | undefined;
  /** For each request, what was sent with it. */
  #sent: readonly (() => readonly string[])[] | undefined;

  /** @param secretsOf is called when a text is redacted */
  constructor(options: object, secretsOf: (options: never) => readonly string[]) {
    this.#options = options;
    this.#secretsOf = secretsOf;
  }

  /** Remembers secrets that belong together. */
  note(kind: Kind, ...secrets: readonly string[]): void {
    if (kind === 'token') this.#token = later(this.#token, secrets, MOST.token);
    else this.#request = later(this.#request, secrets, MOST.request);
  }

  /** Remembers what is sent with a request. @param secrets is called when a text is redacted */
  noteSent(secrets: () => readonly string[]): void {
    this.#sent = [...(this.#sent ?? []), secrets].slice(-MOST.sent);
  }

  all(): readonly string[] {
    const sent = (this.#sent ?? []).flatMap((secrets) => secrets());
    const used = [this.#token, this.#request].flatMap((some) => some ?? []);
    return [...this.#secretsOf(this.#options as never), ...used, ...sent];
  }
}

function later(before: Some | undefined, secrets: readonly string[], most: number): Some {
  const [only, ...others] = secrets;
  if (before === undefined) return only !== undefined && others.length === 0 ? only : secrets;
  const kept = typeof before === 'string' ? [before] : before;
  return [...kept.filter((one) => !secrets.includes(one)), ...secrets].slice(-most);
}
