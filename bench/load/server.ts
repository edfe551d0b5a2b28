import { createSandbox } from '../../src/sandbox/index.js';

/** The commands of the parent process. */
export type Command = 'ask' | 'memory' | 'end';

export type Report =
  | { readonly type: 'ready'; readonly port: number; readonly keyName: string; readonly keyStr: string }
  | { readonly type: 'memory'; readonly rss: number; readonly heap: number; readonly connections: number };

/** One sandbox in its own process, so that its memory can be measured. */
const sandbox = createSandbox();
const { port } = await sandbox.listen();
const { keyName = '', keyStr = '' } = sandbox.createApp().keys[0] ?? {};

const tell = (report: Report) => process.send?.(report);

const commands: Readonly<Record<Command, () => void>> = {
  ask: () => sandbox.askForReauth(),
  memory: () => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    const connections = sandbox.connections.filter(({ isConnected }) => isConnected).length;
    tell({ type: 'memory', rss, heap: heapUsed + external, connections });
  },
  end: () => {
    sandbox.dispose().then(() => process.disconnect());
  },
};

process.on('message', (command: Command) => commands[command]());
tell({ type: 'ready', port, keyName, keyStr });
