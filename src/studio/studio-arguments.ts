import { checkNames, invalidOption, port, record } from '../checks/option-checks.js';
import type { Auth } from '../index.js';
import type { StudioOptions } from './mount.js';

/** Checks the arguments of every studio. @throws {ErrorInfo} 40003 names the invalid one */
export function studioOptions(auth: Auth, options: StudioOptions | null | undefined): StudioOptions {
  port('auth', auth ?? (null as never), ['authorize', 'explain', 'on']);
  const given = record('options', options ?? {});
  checkNames(given, ['title', 'controls']);
  const title = given.title ?? undefined;
  const controls = given.controls ?? undefined;
  if (title !== undefined && typeof title !== 'string') throw invalidOption('title', 'a string', title);
  return { ...(title === undefined ? {} : { title }), ...(controls === undefined ? {} : { controls }) };
}
