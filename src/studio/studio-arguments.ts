import { checkNames, invalidOption, port, record } from '../checks/option-checks.js';
import type { Auth } from '../index.js';
import type { Performance } from './controls.js';

/** The options of an attached client. */
export interface AttachOptions {
  /** The name of the client in the page. Default: 'an Auth client'. */
  readonly title?: string;
  /** Your own buttons, for actions on the client or on the service behind it. */
  readonly controls?: readonly Performance[];
}

/** Checks the arguments of every studio. @throws {ErrorInfo} 40003 names the invalid one */
export function studioOptions(
  auth: Auth,
  options: AttachOptions | null | undefined,
  names: readonly string[],
): AttachOptions {
  port('auth', auth ?? (null as never), ['authorize', 'explain', 'on']);
  const given = record('options', options ?? {});
  checkNames(given, names);
  const title = given.title ?? undefined;
  const controls = given.controls ?? undefined;
  if (title !== undefined && typeof title !== 'string') throw invalidOption('title', 'a string', title);
  return { ...(title === undefined ? {} : { title }), ...(controls === undefined ? {} : { controls }) };
}

/** The colours of a studio. */
export type Theme = 'auto' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

/** How a studio looks in a page. @throws {ErrorInfo} 40003 names the invalid option */
export function appearance(options: { readonly panel?: unknown; readonly theme?: unknown } | null): {
  readonly isPanel: boolean;
  readonly theme: Theme;
} {
  const [panel, given] = [options?.panel ?? false, options?.theme ?? 'auto'];
  if (typeof panel !== 'boolean') throw invalidOption('panel', 'true or false', panel);
  const theme = THEMES.find((one) => one === given);
  if (theme === undefined) throw invalidOption('theme', `one of ${THEMES.join(', ')}`, given);
  return { isPanel: panel, theme };
}
