/** The platform's Response. Only Node has a faster one. */
export const FastResponse = globalThis.Response;
