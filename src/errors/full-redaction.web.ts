/** A page loads it while the token source is first asked. */
export function fullRedaction(): undefined {}
