import { redactKnown } from './text.js';

/** How many of each kind are remembered. Older ones are recognised by their look only. */
const MOST = 8;

/** A token; the mac and the nonce of a TokenRequest; what was sent to a token source. */
type Kind = 'token' | 'request' | 'sent';

/** The secrets of one client or connection: those of its options, and those that it used last. */
export class SecretStore {
  readonly #ofOptions: () => readonly string[];
  #used: Partial<Record<Kind, readonly (readonly string[])[]>> | undefined;

  /** @param ofOptions is called when a text is redacted */
  constructor(ofOptions: () => readonly string[]) {
    this.#ofOptions = ofOptions;
  }

  /** Remembers secrets that belong together. */
  note(kind: Kind, ...secrets: readonly string[]): void {
    this.#used ??= {};
    const others = (this.#used[kind] ?? []).filter(([first]) => first !== secrets[0]);
    this.#used[kind] = [...others, secrets].slice(-MOST);
  }

  all(): readonly string[] {
    return [...this.#ofOptions(), ...Object.values(this.#used ?? {}).flat(2)];
  }

  /** A text without these secrets. */
  hide(text: string): string {
    return redactKnown(text, this.all());
  }
}
