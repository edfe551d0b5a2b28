import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import { AuthProvider, useAuthState, useClientId, useConnectionState } from 'latchkey/react';
import { type FormEvent, useCallback, useEffect, useState } from 'react';

/** What the server says of the session of this browser. */
interface Session {
  readonly user: string | null;
  readonly host: string;
  readonly port: number;
}

const json = { 'content-type': 'application/json' };

export function App() {
  const [session, setSession] = useState<Session>();
  const [isRefused, setRefused] = useState(false);
  const look = useCallback(async () => setSession(await (await fetch('/api/session')).json()), []);
  useEffect(() => void look(), [look]);

  async function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(event.currentTarget)));
    const { ok } = await fetch('/api/session', { method: 'POST', headers: json, body });
    setRefused(!ok);
    await look();
  }

  async function signOut() {
    await fetch('/api/session', { method: 'DELETE', headers: json });
    await look();
  }

  if (session === undefined) return <p>…</p>;
  if (session.user === null) return <SignIn onSubmit={signIn} isRefused={isRefused} />;
  const { user, host, port } = session;
  // Another user gets another client and another connection: the key of the provider is the user.
  return (
    <AuthProvider key={user} create={() => clientOf(host, port)}>
      <Status />
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    </AuthProvider>
  );
}

/** The cookie goes along with the request for a token; nothing here says who the user is. */
function clientOf(host: string, port: number) {
  const service = { endpoint: host, port, tls: false };
  return new Auth({ authUrl: '/api/token', ...service, connection: () => new RealtimeConnection(service) });
}

function Status() {
  const { value, error } = useAuthState();
  return (
    <p role="status">
      <span id="who">{useClientId() ?? 'signed out'}</span>: <span id="state">{value}</span>,{' '}
      <span id="connection">{useConnectionState() ?? 'no connection'}</span> {error?.message}
    </p>
  );
}

interface SignInProps {
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly isRefused: boolean;
}

function SignIn({ onSubmit, isRefused }: SignInProps) {
  return (
    <form onSubmit={onSubmit}>
      <label>
        User <input name="user" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
      {isRefused && <p role="alert">The user or the password is wrong.</p>}
    </form>
  );
}
