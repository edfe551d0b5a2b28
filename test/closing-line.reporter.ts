import type { Reporter, TestModule } from 'vitest/node';

/** Prints one plain closing line, and fails the run if a test was skipped or is a todo. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    const { passed, failed, skipped } = count;
    if (skipped > 0) {
      process.exitCode = 1;
      console.error('A skipped test fails the run: make it pass or delete it.');
    }
    console.log(`Tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
