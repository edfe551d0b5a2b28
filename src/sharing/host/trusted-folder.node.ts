import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidArgument } from '../../checks/option-checks.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import { textIn } from '../../redaction/received.js';
import { LONGEST_VALUE } from '../longest-value.js';

/** The largest file that is read, bytes: a letter of a JSON text takes at most six. */
const LARGEST_FILE = 6 * LONGEST_VALUE + 1_000;

const TEMPORARY = '.latchkey-tmp';

/** Whether a file is one that its writer should have removed. */
export const isTemporary = (name: string): boolean => name.endsWith(TEMPORARY);

/**
 * A folder of this user. It and its files are used only if no other user can write them, and they are no symbolic
 * links: the name of a folder such as `/tmp/tokens` can be guessed, and another user can be faster. Windows tells neither
 * users nor permissions in this way, so there only the kinds of files are checked.
 */
export class TrustedFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Creates the folder if it does not exist. */
  async make(): Promise<void> {
    if (!(await this.#isThere())) await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await this.#isThere();
  }

  /** The names of its files. Where there is no folder, there are none. */
  async names(): Promise<readonly string[]> {
    if (!(await this.#isThere())) return [];
    return (await unlessGone(readdir(this.#path))) ?? [];
  }

  /** When a file was written last, ms since the epoch. undefined: it is gone. */
  async writtenAt(name: string): Promise<number | undefined> {
    return (await unlessGone(lstat(this.#pathOf(name))))?.mtimeMs;
  }

  /**
   * The text of a file. undefined: it is gone. null: it is too large, or this user may not read it.
   * @throws {ErrorInfo} 40003: another user can have written it
   */
  async read(name: string): Promise<string | null | undefined> {
    const path = this.#pathOf(name);
    if (!(await this.#isThere())) return undefined;
    const stat = await unlessGone(lstat(path));
    if (stat === undefined) return undefined;
    if (!stat.isFile()) throw unbelieved(path, stat, 'a file');
    checkOwner(path, stat);
    if (stat.size > LARGEST_FILE) return null;
    try {
      return await unlessGone(textOf(path));
    } catch (error) {
      if (textIn(error, 'code') === 'EACCES') return null;
      throw error;
    }
  }

  /**
   * Makes a file visible with all of its text at once.
   * @returns false: there is one of that name, and nothing was changed
   */
  async publish(name: string, text: string): Promise<boolean> {
    const temporary = this.#pathOf(randomUUID() + TEMPORARY);
    try {
      await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
      await link(temporary, this.#pathOf(name));
      return true;
    } catch (error) {
      if (textIn(error, 'code') === 'EEXIST') return false;
      throw error;
    } finally {
      await remove(temporary);
    }
  }

  async remove(name: string): Promise<void> {
    await remove(this.#pathOf(name));
  }

  /**
   * Removes a file if it has the text that was read. Otherwise another process has published a new one since then. Only
   * the file that was moved away can be compared without a gap, so a new one is put back, unless a third took its place.
   */
  async removeIf(name: string, text: string | null): Promise<void> {
    const aside = randomUUID() + TEMPORARY;
    const path = this.#pathOf(name);
    try {
      await rename(path, this.#pathOf(aside));
      if ((await this.read(aside)) !== text) await link(this.#pathOf(aside), path);
    } catch (error) {
      if (!['ENOENT', 'EEXIST'].includes(textIn(error, 'code') ?? '')) throw error;
    } finally {
      await this.remove(aside);
    }
  }

  #pathOf(name: string): string {
    return join(this.#path, name);
  }

  /** @throws {ErrorInfo} 40003: another user can write to it */
  async #isThere(): Promise<boolean> {
    const stat = await unlessGone(lstat(this.#path));
    if (stat === undefined) return false;
    if (!stat.isDirectory()) throw unbelieved(this.#path, stat, 'a folder');
    checkOwner(this.#path, stat);
    return true;
  }
}

async function textOf(path: string): Promise<string> {
  // Windows has no such flag.
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** It does not matter who removed a file, or that it cannot be removed: it is ignored or removed later. */
const remove = (path: string): Promise<void> => unlink(path).catch(() => {});

/** undefined: there is no such file. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (textIn(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}

function checkOwner(path: string, { uid, mode }: Stats): void {
  const own = process.geteuid?.();
  if (own === undefined) return;
  if (uid !== own) throw refused(path, `belongs to another user (uid ${uid}, not ${own})`);
  // Of the group, and of all others.
  if ((mode & 0o022) === 0) return;
  const shown = (mode & 0o777).toString(8);
  throw refused(path, `can be written by other users (mode ${shown})`);
}

const unbelieved = (path: string, stat: Stats, wanted: string): ErrorInfo =>
  refused(path, `is ${stat.isSymbolicLink() ? 'a symbolic link' : 'of another kind'}, not ${wanted}`);

const refused = (path: string, what: string): ErrorInfo =>
  invalidArgument(
    `tokens are not shared: ${JSON.stringify(path)} ${what}`,
    'Give hostSharing() a folder of its own that belongs to the user of the process, with mode 0700.',
  );
