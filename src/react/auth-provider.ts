import * as React from 'react';
import {
  createElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useInsertionEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from 'react';
import type { Auth } from '../auth.js';
import { AuthContext, provided } from './auth-context.js';
import { checkProps } from './check-auth.js';
import { ClientOwner } from './client-owner.js';

/** Either a client that is yours, or how to make one that is the provider's. */
export type AuthProviderProps = { readonly children?: ReactNode } & (
  | {
      /** A client that somebody else makes and disposes of. */
      readonly auth: Auth;
      readonly create?: never;
    }
  | {
      /**
       * Makes the client when it is first used; never while rendering. Only the first one given counts. The
       * client is the provider's, and so is the connection that is made while this runs.
       */
      readonly create: () => Auth;
      readonly auth?: never;
    }
);

/**
 * Gives a client to the components inside of it.
 *
 * With `create` the provider makes the client when one of them first uses it. When the provider is unmounted
 * it disposes of the client, and closes the connection that `create` made for it. A connection that was there
 * before is left alone. Rendering on a server makes none. With `auth` client and connection stay yours.
 *
 * @throws {ErrorInfo} 40106 with neither · 40003 with both, or with something else than a client or a function
 *
 * @example
 * ```tsx
 * import { Auth } from 'latchkey';
 * import { AuthProvider, useAuthState, useClientId } from 'latchkey/react';
 *
 * const create = () => new Auth({ authUrl: '/api/token' });
 *
 * function Who() {
 *   const { value } = useAuthState();
 *   return <p>{useClientId() ?? 'nobody'}: {value}</p>;
 * }
 *
 * export const app = <AuthProvider create={create}><Who /></AuthProvider>;
 * ```
 */
export function AuthProvider(props: AuthProviderProps): ReactElement {
  checkProps(props);
  const { auth, create, children } = props;
  return auth === undefined
    ? createElement(Owning, { create, children })
    : createElement(Lending, { auth, children });
}

function Lending({ auth, children }: { readonly auth: Auth; readonly children: ReactNode }): ReactElement {
  const value = useMemo(() => provided({ auth, made: auth }), [auth]);
  return createElement(AuthContext.Provider, { value }, children);
}

function Owning({
  create,
  children,
}: {
  readonly create: () => Auth;
  readonly children: ReactNode;
}): ReactElement {
  const [owner] = useState(() => new ClientOwner(create));
  const value = useMemo(() => provided(owner), [owner]);
  return createElement(AuthContext.Provider, { value }, createElement(Mounted, { owner }), children);
}

/** For what must have happened before the layout effects of children. React 18 warns of one on a server. */
const useShown = 'Activity' in React ? useLayoutEffect : useEffect;

/**
 * Stands before the children, so that its effects run before theirs, and shows nothing. React undoes the
 * layout effects of a tree that suspends again, and both those and ordinary ones of a hidden `<Activity>` and
 * in strict mode. An insertion effect is undone only when the tree is taken out, before anything else runs.
 */
function Mounted({ owner }: { readonly owner: ClientOwner }): null {
  useInsertionEffect(() => owner.place(), [owner]);
  useShown(() => owner.begin(), [owner]);
  useEffect(() => owner.mount(), [owner]);
  return null;
}
