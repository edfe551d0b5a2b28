import { Auth } from '../auth.js';

/**
 * An `Auth` that stands for another, and does not need it before one of its members is used. Methods
 * may be taken off it: `const { authorize } = lazyAuth(…)`.
 */
export function lazyAuth(client: () => Auth): Auth {
  const lazy = Object.create(Auth.prototype) as Auth;
  const members = Object.getOwnPropertyDescriptors(Auth.prototype) as Record<PropertyKey, PropertyDescriptor>;
  for (const name of Reflect.ownKeys(members)) {
    if (name === 'constructor') continue;
    const present = () => Reflect.get(client(), name);
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
