/** The little of Babel that is used here; it comes without types. */
declare module '@babel/core' {
  export function transformAsync(
    code: string,
    options: object,
  ): Promise<{ readonly code?: string | null; readonly map?: string | null } | null>;
}
