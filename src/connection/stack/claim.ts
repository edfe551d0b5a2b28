import { invalidArgument } from '../../checks/option-checks.js';

/** What apps made, and connections have. */
const claimed = new WeakSet<object>();

/**
 * Marks what an app made, such as a socket, as that of a connection.
 *
 * @param name its name in messages
 * @returns takes the mark away
 * @throws {ErrorInfo} 40003: it has a connection already
 */
export function claim(name: string, made: object): () => void {
  if (claimed.has(made))
    throw invalidArgument(
      `${name} has a connection already`,
      `Use that connection, or dispose of it before you make another one for this ${name}.`,
    );
  claimed.add(made);
  return () => claimed.delete(made);
}
