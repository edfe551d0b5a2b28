/**
 * Whether the host of an address is this machine, by a name or number that no network can change.
 * @param host as an address has it, with or without a port
 */
export const isLoopbackHost = (host: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
