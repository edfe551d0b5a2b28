/** The scenarios by the part of the address after `#`. */
export const addresses: Readonly<Record<string, string>> = {
  'auth-server-down': 'scenario-outage',
  'laptop-asleep': 'scenario-asleep',
  'key-revoked': 'scenario-key',
  'user-switched': 'scenario-user',
};

/** What an address asks for: a scenario, the start without one, or something that there is not. */
export function scenarioAt(hash: string): string | null | undefined {
  const name = hash.replace(/^#/, '');
  if (name === '') return null;
  return Object.hasOwn(addresses, name) ? addresses[name] : undefined;
}
