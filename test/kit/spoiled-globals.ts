/** What an app does to a global, as a program. */
export const deeds = {
  deleted: (owner: string, name: string) => `delete ${owner}[${name}];`,
  'replaced by an empty object': (owner: string, name: string) => define(owner, name, 'value: {}'),
  'guarded by a getter that throws': (owner: string, name: string) =>
    define(owner, name, "get() { throw new Error('is guarded'); }"),
};

const define = (owner: string, name: string, what: string) =>
  `Object.defineProperty(${owner}, ${name}, { ${what}, configurable: true });`;

/** A program that does it to the global of that name, or to a member. */
export function spoiling(path: string, deed: keyof typeof deeds): string {
  const [name = '', ...before] = path.split('.').reverse();
  return deeds[deed](['globalThis', ...before.reverse()].join('.'), JSON.stringify(name));
}
