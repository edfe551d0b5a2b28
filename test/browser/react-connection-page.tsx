import * as React from 'react';
import { Component, type ReactNode, StrictMode, Suspense, useEffect, useLayoutEffect } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import {
  AuthProvider,
  useAuth,
  useAuthState,
  useClientId,
  useConnection,
  useConnectionState,
  useToken,
} from '../../src/react/index.js';

declare global {
  /** How often the page has asked the platform for something; the test counts. */
  var asked: Readonly<Record<string, number>>;
  /** The test issues tokens, and passes the address of the service. */
  var tokenFor: (clientId: string) => Promise<string>;
  var servicePort: number;
}

const made: Auth[] = [];
let root: Root | undefined;

const connections: RealtimeConnection[] = [];

function connect(): RealtimeConnection {
  const connection = new RealtimeConnection({ endpoint: 'localhost', port: servicePort, tls: false });
  connections.push(connection);
  return connection;
}

function client(connection: RealtimeConnection): Auth {
  const auth = new Auth({ authCallback: async () => JSON.parse(await tokenFor('ada')), connection });
  made.push(auth);
  return auth;
}

const create = () => client(connect());
/** Made before any provider. */
const shared = connect();
const createWithShared = () => client(shared);
let lent: Auth | undefined;

/** Needs a token as soon as it is mounted, and shows the state. */
function App() {
  useToken();
  const { value } = useAuthState();
  return <p id="state">{value}</p>;
}

/** Uses the client before any ordinary effect. */
function Early() {
  const auth = useAuth();
  useLayoutEffect(() => void auth.getToken().catch(() => {}), [auth]);
  return null;
}

/** Reads the client while rendering. */
function Reader() {
  const auth = useAuth();
  return <p>{`${auth.state.value} ${auth.clientId} ${auth.error} ${auth.tokenDetails}`}</p>;
}

/** Suspends without end. */
const never = new Promise<void>(() => {});
function Never(): ReactNode {
  throw never;
}

/** All hooks, and all that a component may read while rendering. */
function ReaderOfAll() {
  const auth = useAuth();
  const { value } = useAuthState();
  const connection = useConnection<RealtimeConnection>();
  const all = [
    value,
    useToken(),
    useClientId(),
    useConnectionState(),
    connection,
    auth.connection,
    auth.state.value,
  ];
  return <p>{[...all, auth.clientId, auth.error, auth.tokenDetails].map(String).join(' ')}</p>;
}

/** The same tree without the package. */
const Nothing = () => <p>nothing</p>;

/** Renders several trees that are never committed: they suspend first. */
function thrownAway(isStrict: boolean, inside: ReactNode): void {
  const tree = (
    <Suspense fallback={<p id="waits">waits</p>}>
      {inside}
      <Never />
    </Suspense>
  );
  render(isStrict ? <StrictMode>{tree}</StrictMode> : tree);
}

function Breaks({ isBroken }: { readonly isBroken: boolean }) {
  if (isBroken) throw new Error('broken on purpose');
  return null;
}

function BreaksInEffect() {
  useLayoutEffect(() => {
    throw new Error('broken on purpose');
  });
  return null;
}

/** Calls the client while it unmounts. */
function Leaver() {
  const auth = useAuth();
  useEffect(() => () => void auth.getToken().catch(() => {}), [auth]);
  return null;
}

class Boundary extends Component<{ readonly children: ReactNode }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? <p id="broken">broken</p> : this.props.children;
  }
}

function provider(children: ReactNode, how: () => Auth = create, key = 'one') {
  return (
    <AuthProvider create={how} key={key}>
      {children}
    </AuthProvider>
  );
}

function render(node: ReactNode): void {
  root ??= createRoot(document.querySelector('#root') as HTMLElement);
  root.render(node);
}

const page = {
  mount: () => render(provider(<App />)),
  strict: () => render(<StrictMode>{provider(<App />)}</StrictMode>),
  early: (key: string) => render(provider(<Early />, create, key)),
  keyed: (key: string) => render(provider(<App />, create, key)),
  anotherCreate: () => render(provider(<App />, () => create())),
  leaver: () => render(provider(<Leaver />)),
  shared: (key: string) =>
    render(
      provider(
        <>
          <Early />
          <App />
        </>,
        createWithShared,
        key,
      ),
    ),
  lent: () => {
    lent ??= create();
    render(
      <AuthProvider auth={lent}>
        <App />
      </AuthProvider>,
    );
  },
  reader: () => render(provider(<Reader />)),
  thrownAway: (isStrict: boolean) => thrownAway(isStrict, provider(<ReaderOfAll />)),
  thrownAwayNothing: (isStrict: boolean) => thrownAway(isStrict, <Nothing />),
  asked: () => ({ ...asked }),
  neverCommitted: () =>
    render(
      <Suspense fallback={<p id="waits">waits</p>}>
        {provider(
          <>
            <App />
            <Early />
            <Reader />
            <Never />
          </>,
        )}
      </Suspense>,
    ),
  breaks: (isBroken: boolean) =>
    render(
      <Boundary>
        {provider(
          <>
            <App />
            <Breaks isBroken={isBroken} />
          </>,
        )}
      </Boundary>,
    ),
  breaksInEffect: () =>
    render(
      <Boundary>
        {provider(
          <>
            <Early />
            <BreaksInEffect />
          </>,
        )}
      </Boundary>,
    ),
  hidden: (isHidden: boolean) => {
    const { Activity } = React;
    render(<Activity mode={isHidden ? 'hidden' : 'visible'}>{provider(<App />)}</Activity>);
  },
  unmount: () => {
    root?.unmount();
    root = undefined;
  },
  reads: () => document.querySelector('#root')?.textContent ?? '',
  made: () => made.length,
  sharedState: () => shared.state,
  states: () => connections.map(({ state }) => state),
};

export type ReactConnectionPage = typeof page;

Object.assign(globalThis, { connectionPage: page });
