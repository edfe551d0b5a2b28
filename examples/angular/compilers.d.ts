/** The part of Babel that is used here; Babel has no types. */
declare module '@babel/core' {
  export function transformAsync(
    code: string,
    options: object,
  ): Promise<{ readonly code?: string | null; readonly map?: string | null } | null>;
}
