import type { Auth } from 'latchkey';

/** What the option `authProvider` of a transport of MCP's SDK 2 needs. */
export function mcpAuthProvider(auth: Auth) {
  let renewal: Promise<unknown> | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  return {
    token: async (): Promise<string> => (await auth.getToken()).token,
    /** The SDK does not say which token was refused: requests that are refused within a second share one new token. */
    async onUnauthorized(): Promise<void> {
      if (performance.now() - renewedAt > 1_000) {
        renewedAt = performance.now();
        renewal = auth.authorize();
      }
      await renewal;
    },
  };
}
