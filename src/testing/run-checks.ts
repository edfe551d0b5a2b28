import { systemClock } from '../clock.js';

/** The titles of the checks that passed, and of those that failed. */
interface CheckResults {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly error: unknown }[];
}

/**
 * Runs checks without a test runner, one after the other. The process lives until the last one is done.
 * @param print called with a line for each check
 */
export async function runChecks(
  checks: readonly { readonly title: string; run(): Promise<void> }[],
  print: (line: string) => void,
): Promise<CheckResults> {
  const passed: string[] = [];
  const failed: { title: string; error: unknown }[] = [];
  const letGo = systemClock.hold?.();
  for (const { title, run } of checks) {
    try {
      await run();
      passed.push(title);
      print(`passed    ${title}`);
    } catch (error) {
      failed.push({ title, error });
      print(`FAILED    ${title}: ${String(error)}`);
    }
  }
  letGo?.();
  return { passed, failed };
}
