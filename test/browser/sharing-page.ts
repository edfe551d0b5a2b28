import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import { webSharing } from '../../src/sharing/web/index.js';

/** One call of this page. */
export interface PageCall {
  /** ms since the epoch. */
  readonly at: number;
  /** undefined: it has not settled. */
  ms?: number;
  /** The end of the token, or how the call failed. */
  outcome?: string;
  /** The page stood still meanwhile. */
  stoodStill?: boolean;
}

const query = new URLSearchParams(location.search);
const user = query.get('user') ?? 'ada';
const service = { endpoint: location.hostname, port: Number(query.get('port')), tls: false } as const;

/** What the test sees of the page. */
const seen = {
  calls: [] as PageCall[],
  /** The tokens that were used, in their order. */
  tokens: [] as string[],
  clientIds: [] as (string | null | undefined)[],
  steps: [] as string[],
  /** The connections, and with how many tokens each was upgraded in place. */
  upgrades: {} as Record<string, number>,
  /** How often a token was renewed while the connection was open. */
  renewals: 0,
  /** How often a token expired while the page was awake. */
  gaps: 0,
  /** How often the connection was lost while the page was awake. */
  losses: 0,
  /** How often this page came back from the back/forward cache. */
  restored: 0,
};
let stoodStillAt = Number.NEGATIVE_INFINITY;

for (const name of (query.get('without') ?? '').split(',')) {
  if (name === 'locks') Object.defineProperty(navigator, 'locks', { value: undefined });
  if (name === 'BroadcastChannel') Object.defineProperty(globalThis, name, { value: undefined });
}

const connection = new RealtimeConnection(service);
const auth = new Auth({
  ...service,
  connection,
  authUrl: '/token',
  authHeaders: { 'x-tab': query.get('tab') ?? '', 'x-user': user },
  sharing: webSharing({ session: () => user, storage: query.has('storage') ? localStorage : null }),
  inspect: (event) => {
    if (event.type === '@xstate.event' && event.event.type === 'acquisition.step')
      seen.steps.push(event.event.step);
  },
});
auth.token$.subscribe(({ token, clientId }) => {
  seen.tokens.push(token);
  seen.clientIds.push(clientId);
});
auth.on('connection.upgrade', () => {
  const id = connection.id ?? '';
  seen.upgrades[id] = (seen.upgrades[id] ?? 0) + 1;
});
auth.on('renewed', () => {
  if (connection.state === 'connected') seen.renewals += 1;
});
const isAwake = () => performance.now() - stoodStillAt > 5_000;
auth.on('expired', () => {
  // In a page that stood still it may have expired meanwhile.
  if (isAwake()) seen.gaps += 1;
});
connection.onStateChange(({ current }) => {
  if (current === 'disconnected' && isAwake()) seen.losses += 1;
});
const stoodStill = () => {
  stoodStillAt = performance.now();
  for (const one of seen.calls) if (one.ms === undefined) one.stoodStill = true;
};
document.addEventListener('freeze', stoodStill);
document.addEventListener('resume', stoodStill);
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  stoodStill();
  seen.restored += 1;
});

async function call(): Promise<void> {
  const one: PageCall = { at: Date.now() };
  const startedAt = performance.now();
  seen.calls.push(one);
  await auth.getToken().then(
    ({ token }) => {
      one.outcome = token.slice(-8);
    },
    (error: Error) => {
      one.outcome = error.message;
    },
  );
  one.ms = Math.round(performance.now() - startedAt);
}

const callEvery = Number(query.get('callEvery'));
if (callEvery > 0) {
  call();
  setInterval(call, callEvery);
}
connection.connect();

/** The functions that the test calls. */
export const sharingPage = {
  seen: () => seen,
  now: () => ({
    state: auth.state.value,
    error: auth.error?.message,
    connection: connection.state,
    id: connection.id,
    token: auth.tokenDetails?.token,
    isShared: navigator.locks !== undefined,
  }),
  signOut: () => auth.forget({ everywhere: true }),
  async heldLocks(): Promise<number> {
    const { held = [], pending = [] } = await navigator.locks.query();
    return held.length + pending.length;
  },
  /** Acts as another script of the origin. */
  post(data: unknown): void {
    const channel = new BroadcastChannel('latchkey-sharing-1');
    channel.postMessage(data);
    channel.close();
  },
  /** Hears what the pages tell each other. */
  listen(): void {
    new BroadcastChannel('latchkey-sharing-1').onmessage = ({ data }) => heard.push(data);
  },
  heard: () => heard,
};
const heard: unknown[] = [];

export type SharingPage = typeof sharingPage;

Object.assign(globalThis, { sharingPage });
