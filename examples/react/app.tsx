import { useAuth, useAuthState, useClientId, useToken } from 'latchkey/react';

export function App() {
  const auth = useAuth();
  return (
    <>
      <h1>Latchkey with React</h1>
      <Status />
      <Expiry />
      {/* The state shows an error. */}
      <button type="button" onClick={() => auth.authorize({ clientId: 'grace' }).catch(() => {})}>
        Become grace
      </button>
      <button type="button" onClick={() => auth.forget()}>
        Sign out
      </button>
    </>
  );
}

function Status() {
  const { value, error } = useAuthState();
  const clientId = useClientId();
  return (
    <p role="status">
      <span id="who">{clientId ?? 'signed out'}</span>: <span id="state">{value}</span> {error?.message}
    </p>
  );
}

function Expiry() {
  const token = useToken();
  return <p id="until">{token?.expires ? new Date(token.expires).toISOString() : 'no token'}</p>;
}
