import { useEffect } from 'react';
import { useAuth, useAuthState, useClientId, useToken } from '../../src/react/index.js';

/** How often each component of {@link App} was rendered. */
export const renders = { state: 0, token: 0, who: 0, calls: 0 };

/** Components below a provider: they show values, and call the client in effects and handlers. */
export function App({ called = () => {} }: { readonly called?: (outcome: string) => void }) {
  return (
    <main>
      <State />
      <Token />
      <Who />
      <Calls called={called} />
    </main>
  );
}

function State() {
  renders.state += 1;
  const { value, error } = useAuthState();
  return (
    <p id="state" role="status">
      {value} {error?.code}
    </p>
  );
}

function Token() {
  renders.token += 1;
  const token = useToken();
  return <p id="token">{token?.token.length ?? 0}</p>;
}

function Who() {
  renders.who += 1;
  return <p id="who">{useClientId() ?? 'nobody'}</p>;
}

function Calls({ called }: { readonly called: (outcome: string) => void }) {
  renders.calls += 1;
  const auth = useAuth();
  useEffect(() => {
    auth.getToken().then(
      ({ token }) => called(token),
      (error) => called(String(error.code)),
    );
  }, [auth, called]);
  return (
    <button type="button" onClick={() => auth.forget()}>
      Sign out
    </button>
  );
}
