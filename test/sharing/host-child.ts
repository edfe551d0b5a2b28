import { setTimeout as passed } from 'node:timers/promises';
import { Auth, type TokenDetails } from '../../src/index.js';
import { hostPort } from '../../src/sharing/host/host-port.node.js';
import { shareTokens } from '../../src/sharing/index.js';
import type { Command, Report, Task } from './host-process.js';

/** A process with clients that share tokens in a folder. It does what its parent says, and reports. */
const task = JSON.parse(process.argv[2] ?? '') as Task;
const report = (one: Report) => void process.send?.(one);

const store = hostPort(task.folder);
const port: typeof store = {
  ...store,
  async write(name, write) {
    if (task.stopsBeforeWrite) {
      report({ type: 'writing', after: write.after });
      // The report must leave before the process stops.
      await passed(100);
      process.kill(process.pid, 'SIGSTOP');
    }
    const isAccepted = await store.write(name, write);
    report({ type: 'wrote', name, after: write.after, isAccepted });
    return isAccepted;
  },
};

interface Inspected {
  readonly type: string;
  readonly event?: { readonly type?: string; readonly step?: string };
}

const clients = Array.from({ length: task.clients }, (_, client) => {
  return new Auth({
    authCallback: async () => {
      const answer = await fetch(`${task.source}?pid=${process.pid}`);
      return (await answer.json()) as TokenDetails;
    },
    realtimeRequestTimeout: task.deadlineMs,
    // With tokens of an hour the members' renewals are spread over 36 s, which is longer than a source takes.
    renewal: { jitter: 0.1 },
    sharing: shareTokens(port, { session: () => 'ada' }),
    logHandler: (line) => report({ type: 'logged', line }),
    inspect: ({ type, event }: Inspected) => {
      if (type === '@xstate.event' && event?.type === 'acquisition.step')
        report({ type: 'step', client, step: String(event.step) });
    },
  });
});

let unsettled = 0;
let calling: NodeJS.Timeout | undefined;

async function call(client: number, auth: Auth): Promise<void> {
  const at = Date.now();
  unsettled += 1;
  const outcome = await auth.getToken().then(({ token }) => token, String);
  unsettled -= 1;
  report({ type: 'call', client, at, ms: Date.now() - at, outcome });
}

process.on('message', async (command: Command) => {
  if (command.type === 'get') clients.forEach((auth, client) => void call(client, auth));
  if (command.type === 'forget') await clients[0]?.forget({ everywhere: true });
  if (command.type === 'use') {
    // Each subscriber makes its client renew.
    for (const auth of clients) auth.token$.subscribe();
    calling = setInterval(() => clients.forEach((auth, client) => void call(client, auth)), command.everyMs);
  }
  if (command.type === 'end') {
    clearInterval(calling);
    const until = Date.now() + task.deadlineMs;
    while (unsettled > 0 && Date.now() < until) await passed(50);
    report({ type: 'ended', unsettled });
    for (const auth of clients) auth.dispose();
    process.disconnect();
  }
  if (command.type === 'leave') {
    // The clients are not disposed of, and listen for sign-outs.
    process.off('disconnect', exit);
    process.disconnect();
  }
});
const exit = () => process.exit();
process.on('disconnect', exit);
report({ type: 'ready' });
