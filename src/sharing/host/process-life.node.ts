import { readFile, readlink } from 'node:fs/promises';
import { fieldOf, textIn } from '../../redaction/received.js';

/** What tells one process of the machine from all others. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in ticks of the kernel: a pid is used again. Linux only. */
  readonly start?: string | undefined;
  /** In which namespace the pid counts: each container has its own. Linux only. */
  readonly namespace?: string | undefined;
}

export async function thisProcess(): Promise<ProcessId> {
  const { pid } = process;
  return { pid, start: await startOf(pid), namespace: await namespace() };
}

/**
 * Whether a process lives. A stopped one does. One of another namespace counts as living, because it cannot be seen from
 * here.
 */
export async function isAlive(id: unknown): Promise<boolean> {
  const pid = fieldOf(id, 'pid');
  // Zero and negative numbers mean groups of processes.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return false;
  if (textIn(id, 'namespace') !== (await namespace())) return true;
  const start = await startOf(pid);
  return start === undefined ? isKnown(pid) : start === textIn(id, 'start');
}

function isKnown(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is of another user.
    return textIn(error, 'code') === 'EPERM';
  }
}

/**
 * undefined: there is no such process, or the platform does not tell.
 * @see proc_pid_stat(5), fields 3 and 22
 */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await ofKernel(() => readFile(`/proc/${pid}/stat`, 'latin1'));
  if (stat === undefined) return undefined;
  // The name of the program is in brackets, and can contain any character.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A process that was killed has a pid until its parent asks how it ended.
  return state === 'Z' || state === 'X' ? 'ended' : fields[18];
}

const namespace = (): Promise<string | undefined> => ofKernel(() => readlink('/proc/self/ns/pid'));

/** Other systems have no such files, or have others there. */
const ofKernel = async (read: () => Promise<string>): Promise<string | undefined> =>
  process.platform === 'linux' ? read().catch(() => undefined) : undefined;
