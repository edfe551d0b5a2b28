import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as files from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Auth, type ErrorInfo } from '../../src/index.js';
import { hostPort } from '../../src/sharing/host/host-port.node.js';
import { hostSharing } from '../../src/sharing/host/index.node.js';
import { eventually } from '../kit/eventually.js';
import { aName, newFolder } from '../kit/shared-folder.js';

vi.mock('node:fs/promises', { spy: true });

const MINUTE = 60_000;

/** A client whose source gives a new token each time, and what it logs. */
function clientIn(folder: string) {
  const lines: { readonly line: string; readonly error: ErrorInfo | undefined }[] = [];
  const source = vi.fn(async () => ({
    token: `token ${source.mock.calls.length}`,
    issued: Date.now(),
    expires: Date.now() + MINUTE,
  }));
  const auth = new Auth({
    authCallback: source,
    sharing: hostSharing(folder, { session: () => 'the session of ada' }),
    logHandler: (line, _level, record) => lines.push({ line, error: record?.error ?? undefined }),
  });
  onTestFinished(() => auth.dispose());
  return { auth, source, lines };
}

/** A client fetches its tokens alone, and says once why. */
async function expectAlone(folder: string, why: RegExp): Promise<void> {
  const { auth, source, lines } = clientIn(folder);
  expect((await auth.getToken()).token).toBe('token 1');
  expect((await auth.authorize()).token).toBe('token 2');
  expect(source).toHaveBeenCalledTimes(2);
  expect(lines).toHaveLength(1);
  const [{ line = '', error } = {}] = lines;
  expect(line).toContain('the store of shared tokens failed, and tokens are fetched without it');
  expect(String((error?.cause as Error | undefined)?.message)).toMatch(why);
  const shown = `${line}${JSON.stringify(error)}`;
  expect(shown).not.toContain('token 1');
  expect(shown).not.toContain('session of ada');
}

/** A lease is given back soon after the token came. */
const expectOneValue = (folder: string): Promise<void> =>
  eventually(() => expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[\da-f]{64}\.1$/)]));

const isRoot = process.geteuid?.() === 0;

/** Gives a file to another user; where only root could, this user becomes another one as soon as the file is looked at. */
function giveAway(path: string): void {
  if (isRoot) {
    chownSync(path, 12_345, 12_345);
    return;
  }
  const own = process.geteuid?.() ?? 0;
  const looked = vi.mocked(files.lstat);
  const geteuid = vi.spyOn(process as { geteuid(): number }, 'geteuid');
  geteuid.mockImplementation(() => (looked.mock.lastCall?.[0] === path ? own + 1 : own));
  onTestFinished(() => geteuid.mockRestore());
}

/** A folder in which one value was shared. */
async function usedFolder(): Promise<{ folder: string; file: string }> {
  const folder = newFolder();
  const { auth } = clientIn(folder);
  await auth.getToken();
  await expectOneValue(folder);
  auth.dispose();
  return { folder, file: join(folder, String(readdirSync(folder)[0])) };
}

describe('a folder that cannot be used', () => {
  it('of two clients in a good folder, one asks the source', async () => {
    const folder = newFolder();
    const clients = [clientIn(folder), clientIn(folder)];
    const tokens = await Promise.all(clients.map(({ auth }) => auth.getToken()));
    expect(tokens.map(({ token }) => token)).toEqual(['token 1', 'token 1']);
    expect(clients.flatMap(({ lines }) => lines)).toEqual([]);
    expect(clients.flatMap(({ source }) => source.mock.calls)).toHaveLength(1);
  });

  it('a file in its place', async () => {
    const folder = newFolder();
    writeFileSync(folder, '');
    await expectAlone(folder, /tokens" is of another kind, not a folder/);
    await expectAlone(join(folder, 'deep'), /ENOTDIR/);
  });

  it('a symbolic link in its place, to a folder or to nothing', async () => {
    const folder = newFolder();
    mkdirSync(`${folder}-2`, { mode: 0o700 });
    symlinkSync(`${folder}-2`, folder);
    symlinkSync(`${folder}-4`, `${folder}-3`);
    await expectAlone(folder, /tokens" is a symbolic link, not a folder/);
    await expectAlone(`${folder}-3`, /tokens-3" is a symbolic link, not a folder/);
    expect(readdirSync(join(folder, '..')).sort()).toEqual(['tokens', 'tokens-2', 'tokens-3']);
    expect(readdirSync(`${folder}-2`)).toEqual([]);
  });

  it.each([0o777, 0o770, 0o702])('a folder that others can write, mode %o', async (mode) => {
    const folder = newFolder();
    mkdirSync(folder);
    chmodSync(folder, mode);
    await expectAlone(folder, new RegExp(`can be written by other users \\(mode ${mode.toString(8)}\\)`));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a folder that others can read, but not write, is used: its files cannot be read', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    const { auth, lines } = clientIn(folder);
    await auth.getToken();
    await expectOneValue(folder);
    expect(lines).toEqual([]);
  });

  it('a folder of another user', async () => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    giveAway(folder);
    await expectAlone(folder, /tokens" belongs to another user \(uid \d+, not \d+\)/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a folder that no user can create or write', async () => {
    // The file system of the kernel: not even root can create a folder there.
    await expectAlone('/sys/latchkey', /EPERM|EACCES|EROFS|ENOENT/);
    const refused = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    vi.mocked(files.writeFile).mockRejectedValue(refused);
    onTestFinished(() => void vi.mocked(files.writeFile).mockRestore());
    await expectAlone(newFolder(), /EROFS/);
  });

  it('a full disk: the client fetches alone, leaves nothing behind, and shares again when there is room', async () => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    const makeRoom = fillDisk(folder);
    await expectAlone(folder, /ENOSPC/);
    makeRoom();
    expect(readdirSync(folder)).toEqual([]);
    const { auth } = clientIn(folder);
    await auth.getToken();
    await expectOneValue(folder);
  });
});

/** A full disk below the folder; where none can be mounted, writing fails as it does on one. @returns makes room */
function fillDisk(folder: string): () => void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k,mode=700', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    vi.mocked(files.writeFile).mockRejectedValue(full);
    return () => void vi.mocked(files.writeFile).mockRestore();
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  writeFileSync(join(folder, 'large'), 'a'.repeat(4_096));
  return () => {
    execFileSync('mount', ['-o', 'remount,size=1m', folder]);
    execFileSync('rm', [join(folder, 'large')]);
  };
}

describe('a file that cannot be trusted', () => {
  it('a value of another user', async () => {
    const { folder, file } = await usedFolder();
    giveAway(file);
    await expectAlone(folder, /\.1" belongs to another user/);
  });

  it('a value that others can write', async () => {
    const { folder, file } = await usedFolder();
    chmodSync(file, 0o622);
    await expectAlone(folder, /\.1" can be written by other users \(mode 622\)/);
  });

  it('a symbolic link to a value, which is not followed', async () => {
    const { folder, file } = await usedFolder();
    renameSync(file, join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), file);
    await expectAlone(folder, /\.1" is a symbolic link, not a file/);
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toContain('"value"');
  });

  it('a pipe, which would never end, and a folder', async () => {
    const { folder, file } = await usedFolder();
    execFileSync('mkfifo', ['-m', '600', file.replace(/\.1$/, '.2')]);
    await expectAlone(folder, /\.2" is of another kind, not a file/);
    mkdirSync(file.replace(/\.1$/, '.3'), { mode: 0o700 });
    await expectAlone(folder, /\.3" is of another kind, not a file/);
  });

  it.each([
    ['of another user', giveAway, /\.lease" belongs to another user/],
    [
      'that others can write',
      (path: string) => chmodSync(path, 0o666),
      /\.lease" can be written by other users/,
    ],
    [
      'that is a symbolic link',
      (path: string) => {
        renameSync(path, `${path}-2`);
        symlinkSync(`${path}-2`, path);
      },
      /\.lease" is a symbolic link/,
    ],
  ])('a lease %s', async (_what, spoil, why) => {
    const folder = newFolder();
    await hostPort(folder).lease(aName, MINUTE);
    const path = join(folder, `${aName}.lease`);
    spoil(path);
    await expect(hostPort(folder).lease(aName, MINUTE)).rejects.toMatchObject({
      code: 40003,
      message: expect.stringMatching(why),
      remediation: expect.stringContaining('hostSharing()'),
    });
  });

  it('a second name for a file of this user in another place does not make a value of it', async () => {
    const { folder, file } = await usedFolder();
    writeFileSync(join(folder, '..', 'diary'), 'private', { mode: 0o600 });
    linkSync(join(folder, '..', 'diary'), file.replace(/\.1$/, '.2'));
    const { auth, source } = clientIn(folder);
    await auth.getToken();
    expect(source).toHaveBeenCalledTimes(1);
    expect(readFileSync(join(folder, '..', 'diary'), 'utf8')).toBe('private');
  });
});

describe('the arguments of hostSharing()', () => {
  it.each([
    ['null', null, 'folder is null, not an absolute path'],
    ['undefined', undefined, 'folder is undefined, not an absolute path'],
    ['an empty text', '', 'folder is empty, not an absolute path'],
    ['a number', 7, 'folder is 7, not an absolute path'],
    ['a URL', new URL('file:///tmp/tokens'), 'folder is of the class URL, not an absolute path'],
    ['a relative path', 'tokens', 'folder is not an absolute path'],
    ['a path from the home folder', '~/tokens', 'folder is not an absolute path'],
    ['a path with a zero', '/tmp/a\0b', 'folder is not an absolute path'],
  ])('the folder must not be %s', (_what, folder, message) => {
    expect(() => hostSharing(folder as string, { session: () => 'ada' })).toThrow(
      expect.objectContaining({ code: 40003, message }),
    );
  });

  it.each([
    ['no object', 7, 'options is 7, not an object'],
    ['null', null, 'options is null, not an object'],
    ['an unknown option', { sesion: () => 'ada' }, 'unknown option "sesion"'],
    ['a text as session', { session: 'ada' }, 'session is a string, not a function'],
    ['a number as source', { source: 7 }, 'source is 7, not a text'],
  ])('%s is refused by its name', (_what, options, message) => {
    expect(() => hostSharing('/tmp/tokens', options as never)).toThrow(
      expect.objectContaining({ code: 40003, message }),
    );
  });

  it('whose tokens they are must be said', () => {
    const options = { authUrl: 'https://example.com/token', sharing: hostSharing('/tmp/tokens') };
    expect(() => new Auth(options)).toThrow(/whose tokens they are/);
    expect(() => new Auth({ ...options, clientId: 'ada' }).dispose()).not.toThrow();
  });

  it('nothing is created before a token is needed', async () => {
    const folder = newFolder();
    const { auth } = clientIn(folder);
    expect(() => readdirSync(folder)).toThrow('ENOENT');
    await auth.getToken();
    await expectOneValue(folder);
  });
});
