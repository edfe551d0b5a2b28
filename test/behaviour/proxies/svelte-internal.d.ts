declare module 'svelte/internal/client' {
  /** What the compiler of Svelte makes of `$state(value)`. */
  export function proxy<T>(value: T): T;
}
