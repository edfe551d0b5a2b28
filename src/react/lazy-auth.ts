import { Auth } from '../auth.js';
import { idle } from './readings.js';

/** The values of a client that was never used. */
const unused = { clientId: null, connection: null, error: null, state: idle, tokenDetails: null } as const;

/**
 * An `Auth` that makes the real client when one of its members is used. Methods also work without their
 * object: `const { authorize } = lazyAuth(…)`.
 *
 * @param isOnlyRead whether reading a property must make no client; then it has the value of an unused client
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
        ? { value: (...args: unknown[]) => Reflect.apply(present(), client(), args) }
        : { get: present },
    );
  }
  Object.freeze(lazy);
  return lazy;
}
