/**
 * One token for the processes of a machine: command-line tools, MCP servers, workers.
 *
 * @module latchkey/sharing/host
 */

import { isAbsolute } from 'node:path';
import { checkNames, invalidArgument, invalidOption, record } from '../../checks/option-checks.js';
import type { TokenSharing } from '../port.js';
import { type SharingOptions, shareTokens } from '../token-sharing.js';
import { hostPort } from './host-port.node.js';

export type { SharingMember, SharingMembership, SharingRequest, SharingStep, TokenSharing } from '../port.js';
export type { SharingOptions } from '../token-sharing.js';

/**
 * Lets the clients of one machine share their tokens in a folder: one process asks the source, and each uses the token. A
 * process that ends, hangs, or is killed stops no other one.
 *
 * Tokens are **not encrypted** there. The modes of the folder (0700) and of its files (0600) protect them: a program that
 * can read the files of its user, or a backup of them, can read the tokens. A folder in `tmpfs`, such as `$XDG_RUNTIME_DIR`,
 * is in no backup. File names are hashes, and tell nothing.
 *
 * The folder is created when it is first used. It must be of one machine, on a file system with hard links: not on a
 * share of a network. If the folder or a file in it belongs to another user, can be written by others, or is a symbolic
 * link, it is not used. Then, and when the disk is full, the client fetches its tokens alone, and logs it once.
 *
 * | platform | difference |
 * |---|---|
 * | Linux | tested |
 * | macOS, BSD | not tested. The start of a process is not known: if a process dies and its pid is used again at once, others wait for its lease, at most 5 s |
 * | Windows | not tested. The same; and users and modes are not checked: take a folder below `%LOCALAPPDATA%`, which is of one user |
 * | containers that share a folder | the end of a process in another container is not noticed: others wait for its lease, at most 5 s |
 *
 * @param folder an absolute path, for the tokens alone
 * @throws {ErrorInfo} 40003: an argument is invalid. Whether the folder can be used is found out at its first use
 *
 * @example
 * ```ts
 * import { homedir } from 'node:os';
 * import { join } from 'node:path';
 * import { Auth } from 'latchkey';
 * import { hostSharing } from 'latchkey/sharing/host';
 *
 * let signedIn: string | null = 'ada';
 * const auth = new Auth({
 *   authUrl: 'https://example.com/api/token',
 *   sharing: hostSharing(join(homedir(), '.my-tool', 'tokens'), { session: () => signedIn }),
 * });
 * auth.dispose();
 * ```
 */
export function hostSharing(folder: string, options: SharingOptions = {}): TokenSharing {
  if (typeof folder !== 'string' || folder === '') throw invalidOption('folder', 'an absolute path', folder);
  if (!isAbsolute(folder) || folder.includes('\0'))
    throw invalidArgument(
      'folder is not an absolute path',
      "Processes have different working directories. Use join(homedir(), '.my-tool', 'tokens'), for example.",
    );
  checkNames(record('options', options), ['session', 'source']);
  return shareTokens(hostPort(folder), options);
}
