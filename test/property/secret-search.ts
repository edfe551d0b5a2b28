import { authMachine } from '../../machines/auth.machine.js';
import { ErrorInfo } from '../../src/errors/error-info.js';

/** Part of each secret of a test. */
export const MARK = 'S3CR3T';

/** The shortest secret. */
const SHORTEST = MARK.length;

/** A machine's definition does not change, and contains nothing of a client. */
const definition = new WeakSet<object>();

/**
 * Searches everything that can be reached from a value for secrets, at any depth, also fields that JSON does
 * not contain.
 */
export class SecretSearch {
  readonly #secrets: string[] = [];
  #seen = new WeakSet<object>();

  /** Adds a secret that the client made itself: a nonce, a mac. */
  add(secret: string): void {
    if (!this.#secrets.includes(secret)) this.#secrets.push(secret);
  }

  /** Searches everything again. */
  startOver(): void {
    this.#seen = new WeakSet();
  }

  /** The path to the first secret; undefined: there is none. What was searched before is skipped. */
  find(value: unknown): string | undefined {
    return find(value, this.isSecret, this.#seen, '', 0);
  }

  readonly isSecret = (text: string): boolean => {
    if (text.length < SHORTEST) return false;
    if (text.includes(MARK)) return true;
    for (const secret of this.#secrets) if (text.includes(secret)) return true;
    return false;
  };
}

function find(
  value: unknown,
  isSecret: (text: string) => boolean,
  seen: WeakSet<object>,
  way: string,
  depth: number,
): string | undefined {
  if (typeof value === 'string') return isSecret(value) ? way : undefined;
  if (typeof value !== 'object' || value === null || depth > 60) return undefined;
  if (seen.has(value) || definition.has(value)) return undefined;
  seen.add(value);
  for (const [name, part] of partsOf(value)) {
    if (isSecret(name)) return `${way}.${name}`;
    const found = find(part, isSecret, seen, `${way}.${name}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partsOf(value: object): readonly (readonly [name: string, part: unknown])[] {
  if (value instanceof Map || value instanceof Set) return [...value].map((part) => ['', part]);
  if (!(value instanceof Error)) return Object.entries(value);
  const { message, stack, cause } = value;
  const own: [string, unknown][] = Object.entries(value).filter(([name]) => name !== 'cause');
  own.push(['message', message], ['stack', stack]);
  if (value instanceof ErrorInfo) {
    // The application's own error is not changed; its copies are searched.
    own.push(['toJSON()', value.toJSON()], ['toString()', value.toString()]);
    if (cause instanceof ErrorInfo) own.push(['cause', cause]);
  }
  return own;
}

find(authMachine, () => false, definition, '', 0);
