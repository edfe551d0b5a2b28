/** A page or a worker has no version to check. */
export function checkRuntime(): void {}
