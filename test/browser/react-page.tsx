import * as React from 'react';
import { type ReactNode, StrictMode, Suspense, useLayoutEffect, useState } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { Auth } from '../../src/index.js';
import { AuthProvider, useAuth } from '../../src/react/index.js';
import { scriptedSource, VirtualClock } from '../../src/testing/index.js';
import { App, renders } from './react-app.js';

/** The page for the tests, with a clock that the test moves. */
const clock = new VirtualClock();
const source = scriptedSource(clock);
const made: Auth[] = [];
const outcomes: string[] = [];
const complaints: string[] = [];
let root: Root | undefined;

const create = () => {
  const auth = new Auth({
    authCallback: source.authCallback,
    clientId: 'ada',
    clock,
    random: () => 0.5,
    renewal: { spread: 0, jitter: 0 },
  });
  made.push(auth);
  return auth;
};

const called = (outcome: string) => void outcomes.push(outcome);
const onRecoverableError = (error: unknown) => void complaints.push(String(error));
const holder = () => document.querySelector('#root') as HTMLElement;
const app = <App called={called} />;
const owned = <AuthProvider create={create}>{app}</AuthProvider>;

function render(node: ReactNode): Promise<void> {
  root ??= createRoot(holder());
  root.render(node);
  return pause();
}

/** Suspends until the test resolves it. Until then React keeps nothing above it. */
let isOpen = false;
let openGate: () => void = () => {};
const gate = new Promise<void>((resolve) => {
  openGate = resolve;
});
function Gate() {
  if (!isOpen) throw gate;
  return null;
}

/** Suspends in its own update, long after everything was mounted. */
let suspendLater: () => void = () => {};
function LateGate() {
  const [isShut, setIsShut] = useState(false);
  suspendLater = () => setIsShut(true);
  return isShut ? <Gate /> : null;
}

/** Uses the client as soon as it is mounted: before any ordinary effect. */
function Early() {
  const auth = useAuth();
  useLayoutEffect(() => {
    auth.getToken().then(
      ({ token }) => called(token),
      (error) => called(String(error.code)),
    );
  }, [auth]);
  return null;
}

/** React 18 has no Activity. */
function hidden(isHidden: boolean, node: ReactNode) {
  const { Activity } = React;
  return <Activity mode={isHidden ? 'hidden' : 'visible'}>{node}</Activity>;
}

/** Waits until effects, and what they start, have run: each takes a task or two. */
async function pause(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
}

const page = {
  version: React.version,
  strict: () => render(<StrictMode>{owned}</StrictMode>),
  plain: () => render(owned),
  lent: () => render(<AuthProvider auth={made[0] ?? create()}>{app}</AuthProvider>),
  hidden: (isHidden: boolean) => render(hidden(isHidden, owned)),
  suspended: () =>
    render(
      <Suspense fallback="waits">
        <AuthProvider create={create}>
          <App called={called} />
          <Gate />
        </AuthProvider>
      </Suspense>,
    ),
  suspendable: (isStrict: boolean) => {
    const node = (
      <Suspense fallback="waits">
        <AuthProvider create={create}>
          <App called={called} />
          <LateGate />
        </AuthProvider>
      </Suspense>
    );
    return render(isStrict ? <StrictMode>{node}</StrictMode> : node);
  },
  suspendLater: () => {
    suspendLater();
    return pause();
  },
  open: () => {
    isOpen = true;
    openGate();
  },
  early: (isHidden: boolean) =>
    render(
      hidden(
        isHidden,
        <AuthProvider create={create}>
          <Early />
        </AuthProvider>,
      ),
    ),
  disposeLent: () => {
    made[0]?.dispose();
    return pause();
  },
  async hydrate() {
    root = hydrateRoot(holder(), owned, { onRecoverableError });
    await pause();
  },
  async unmount() {
    root?.unmount();
    root = undefined;
    await pause();
  },
  async advance(ms: number) {
    await clock.advance(ms);
    await pause();
  },
  told: () => ({
    made: made.length,
    asked: source.calls,
    outcomes: [...outcomes],
    complaints: [...complaints],
    renders: { ...renders },
    timers: clock.pending,
  }),
  lastOutcome: () =>
    made
      .at(-1)
      ?.authorize()
      .then(
        () => 'a token',
        (error) => String(error.code),
      ),
};

export type ReactPage = typeof page;

Object.assign(globalThis, { page });
