import { Auth } from '../auth.js';
import { idle } from './readings.js';

/** What is read of a client that nobody has used. */
const unused = { clientId: null, connection: null, error: null, state: idle, tokenDetails: null } as const;

/**
 * An `Auth` that stands for another, and does not need it before one of its members is used. Methods
 * may be taken off it: `const { authorize } = lazyAuth(…)`.
 *
 * @param isOnlyRead whether reading it must make no client: its values are those of an unused one then
 */
export function lazyAuth(client: () => Auth, isOnlyRead: () => boolean = () => false): Auth {
  const lazy = Object.create(Auth.prototype) as Auth;
  const members = Object.getOwnPropertyDescriptors(Auth.prototype) as Record<PropertyKey, PropertyDescriptor>;
  for (const name of Reflect.ownKeys(members)) {
    if (name === 'constructor') continue;
    const present = () => {
      const isAtHand = Object.hasOwn(unused, name) && isOnlyRead();
      return Reflect.get(isAtHand ? unused : client(), name);
    };
    const isMethod = typeof members[name]?.value === 'function';
    Object.defineProperty(
      lazy,
      name,
      isMethod
        ? { value: (...given: unknown[]) => Reflect.apply(present(), client(), given) }
        : { get: present },
    );
  }
  Object.freeze(lazy);
  return lazy;
}
