import * as React from 'react';
import {
  createElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from 'react';
import type { Auth } from '../auth.js';
import { AuthContext, provided } from './auth-context.js';
import { checkProps } from './check-auth.js';
import { checkReact } from './check-react.js';
import { ClientOwner } from './client-owner.js';

/** Either your own client, or a function that makes a client for the provider. */
export type AuthProviderProps = { readonly children?: ReactNode } & (
  | {
      /** A client that your code makes and disposes of. */
      readonly auth: Auth;
      readonly create?: never;
    }
  | {
      /**
       * Makes the client when it is first used, never while rendering. Only the first function counts. The
       * provider owns the client, and the connection that is made during this call.
       */
      readonly create: () => Auth;
      readonly auth?: never;
    }
);

/**
 * Provides a client to the components inside.
 *
 * - With `create` the provider makes the client at first use. When the provider unmounts, it disposes of the
 *   client, and closes the connection that `create` made. A connection that existed before stays open.
 *   Rendering on a server makes no client.
 * - With `auth` you own the client and its connection.
 *
 * @throws {ErrorInfo} 40106 without `auth` and `create` · 40003 with both, if one of them has the wrong type, or with
 * a version of React below 18
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
 *   return <p>{useClientId() ?? 'anonymous'}: {value}</p>;
 * }
 *
 * export const app = <AuthProvider create={create}><Who /></AuthProvider>;
 * ```
 */
export function AuthProvider(props: AuthProviderProps): ReactElement {
  checkReact();
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

/**
 * For effects that must run before the layout effects of the children. React 18 warns about layout effects on
 * a server.
 */
const useShown = 'Activity' in React ? useLayoutEffect : useEffect;

/**
 * Renders nothing. It stands before the children, so that its effects run before theirs. React undoes layout
 * effects when a tree suspends again, and all ordinary effects in a hidden `<Activity>` and in strict mode.
 * It undoes an insertion effect only when it removes the tree, before anything else runs.
 */
function Mounted({ owner }: { readonly owner: ClientOwner }): null {
  React.useInsertionEffect(() => owner.place(), [owner]);
  useShown(() => owner.begin(), [owner]);
  useEffect(() => owner.mount(), [owner]);
  return null;
}
