import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../kit/eventually.js';
import { type HostProcess, HostProcesses } from '../sharing/host-process.js';
import { TokenSource } from '../sharing/token-source.js';

const HOUR = 3_600_000;

let processes: HostProcesses;
let source: TokenSource;
beforeAll(async () => {
  processes = await HostProcesses.prepare();
});
beforeEach(async () => {
  source = await TokenSource.listen(HOUR);
});
afterEach(async () => {
  await processes.endCase();
  source.dispose();
});
afterAll(() => processes.dispose());

const start = (count: number, more: object = {}) =>
  processes.start(count, { source: source.url, clients: 3, deadlineMs: 10_000, ...more });

/** Each client of each process asks for a token. @returns the tokens that came, without repetitions */
async function tokensOf(members: readonly HostProcess[], clients = 3): Promise<string[]> {
  for (const one of members) one.say({ type: 'get' });
  const calls = await Promise.all(members.map((one) => one.heard('call', clients)));
  return [...new Set(calls.flat().map(({ outcome }) => outcome))];
}

const stepsOf = (members: readonly HostProcess[]) =>
  members.flatMap((one) => one.reports('step')).map(({ step }) => step);
const processOf = (pid: number) => processes.all.find((one) => one.pid === pid);

describe('processes that share tokens in a folder', () => {
  it('all need a token at once: one asks the source, and each uses the token', async () => {
    source.delayMs = 200;
    const members = await start(6);
    expect(await tokensOf(members)).toEqual(['token 1']);
    expect(source.calls).toBe(1);
    expect(members.flatMap((one) => one.reports('logged'))).toEqual([]);
    await eventually(() => expect(readdirSync(processes.folder)).toHaveLength(1));
    const [file = ''] = readdirSync(processes.folder);
    expect(file).toMatch(/^[\da-f]{64}\.1$/);
    // The mode of the file protects the token, not a cipher.
    expect(readFileSync(join(processes.folder, file), 'utf8')).toContain('token 1');
  });

  it('a process that comes later uses the token that is there, also when all others have ended', async () => {
    const first = await start(1);
    await tokensOf(first);
    await first[0]?.kill();
    expect(await tokensOf(await start(2))).toEqual(['token 1']);
    expect(source.calls).toBe(1);
  });

  it('the holder is killed while the source works: the next one takes over at once', async () => {
    source.delayMs = Number.POSITIVE_INFINITY;
    const members = await start(4);
    const caller = source.nextCaller();
    for (const one of members) one.say({ type: 'get' });
    const killed = processOf(await caller);
    const others = members.filter((one) => one !== killed);
    await eventually(() =>
      expect(stepsOf(others).filter((step) => step === 'waiting for another member')).toHaveLength(9),
    );
    const next = source.nextCaller();
    await killed?.kill();
    expect(others.map(({ pid }) => pid)).toContain(await next);
    source.answerAll();
    const calls = await Promise.all(others.map((one) => one.heard('call', 3)));
    expect(new Set(calls.flat().map(({ outcome }) => outcome))).toEqual(new Set(['token 2']));
    expect(source.calls).toBe(2);
    // The lease was taken; nobody gave up waiting for it.
    expect(stepsOf(others)).not.toContain('fetching alone');
  });

  it('the holder is stopped past its lease: another one asks, and the late write is refused', async () => {
    const [holder] = await start(1, { clients: 1, deadlineMs: 1_000, stopsBeforeWrite: true });
    holder?.say({ type: 'get' });
    await holder?.heard('writing');
    const others = await start(1, { clients: 1, deadlineMs: 30_000 });
    expect(await tokensOf(others, 1)).toEqual(['token 2']);
    // It waited for the lease to end, and not only for as long as it waits for anything.
    expect(stepsOf(others)).not.toContain('fetching alone');
    expect(source.calls).toBe(2);
    holder?.signal('SIGCONT');
    expect(await holder?.heard('wrote')).toMatchObject([{ after: 0, isAccepted: false }]);
    expect(await tokensOf(await start(2))).toEqual(['token 2']);
  });

  it('the user signs out everywhere: the members of all processes are told, and no old token comes back', async () => {
    const [first, second] = await start(2, { clients: 1 });
    await tokensOf([first, second] as HostProcess[], 1);
    first?.say({ type: 'forget' });
    await eventually(async () => {
      second?.say({ type: 'get' });
      await second?.heard('call');
      expect(second?.reports('call').at(-1)?.outcome).toContain('the user signed out');
    });
    expect(await tokensOf(await start(1, { clients: 1 }), 1)).toEqual(['token 2']);
  });

  it('the folder is removed while they run: they share again', async () => {
    const members = await start(3);
    await tokensOf(members);
    rmSync(processes.folder, { recursive: true });
    const more = await start(3);
    expect(await tokensOf(more)).toEqual(['token 2']);
    expect([...members, ...more].flatMap((one) => one.reports('logged'))).toEqual([]);
  });

  it('the folder cannot be used: each process asks by itself, and says so once a client', async () => {
    mkdirSync(join(processes.folder, '..'));
    writeFileSync(processes.folder, 'a file');
    const members = await start(2);
    const tokens = await tokensOf(members);
    expect(tokens).toHaveLength(6);
    expect(source.calls).toBe(6);
    const lines = members.flatMap((one) => one.reports('logged'));
    expect(lines).toHaveLength(6);
    for (const { line } of lines) expect(line).toContain('the store of shared tokens failed');
    rmSync(processes.folder);
    expect(await tokensOf(await start(2))).toEqual(['token 7']);
  });

  it('a process without other work ends, although its client listens for sign-outs', async () => {
    const [one] = await start(1, { clients: 1 });
    await tokensOf([one] as HostProcess[], 1);
    one?.say({ type: 'leave' });
    await eventually(() => expect(one?.exitCode).toBe(0));
  });
});
