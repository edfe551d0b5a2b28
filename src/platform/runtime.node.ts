import { invalidArgument } from '../checks/option-checks.js';
import type { ErrorInfo } from '../errors/error-info.js';

/** As in `engines` of the manifest. */
const LOWEST = [20, 20] as const;

/** The error for a Node that is too old; undefined for another runtime, and for a Node that is new enough. */
export function unsupportedNode(version: string | undefined = process.versions.node): ErrorInfo | undefined {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const isOld = major < LOWEST[0] || (major === LOWEST[0] && minor < LOWEST[1]);
  if (!isOld || version === undefined) return undefined;
  return invalidArgument(
    `Node must be version ${LOWEST.join('.')} or newer; got ${version}`,
    'Install a newer Node, from https://nodejs.org/.',
  );
}

/** @throws {ErrorInfo} 40003 in a Node that is too old */
export function checkRuntime(): void {
  const unsupported = unsupportedNode();
  if (unsupported !== undefined) throw unsupported;
}
