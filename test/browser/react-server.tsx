import { renderToString } from 'react-dom/server';
import { AuthProvider, useAuth } from '../../src/react/index.js';
import { App } from './react-app.js';

/** Renders as a server does, and prints the page. A client must not be made there. */
function neverMade(): never {
  throw new Error('a client was made while rendering');
}

/** Reads the client instead of using the hooks. */
function Reader() {
  const { clientId, error, state, tokenDetails } = useAuth();
  return <i hidden>{`${state.value} ${clientId} ${error} ${tokenDetails}`}</i>;
}

const app = (
  <AuthProvider create={neverMade}>
    <App />
  </AuthProvider>
);

const reader = (
  <AuthProvider create={neverMade}>
    <Reader />
  </AuthProvider>
);

console.log(JSON.stringify({ app: renderToString(app), reader: renderToString(reader) }));
