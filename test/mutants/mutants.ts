/** One deliberate break of the production code, and the tests that must fail. */
export interface Mutant {
  /** The number of the invariant it breaks. */
  readonly invariant: number;
  readonly what: string;
  readonly file: string;
  /** A text that is in the file once. */
  readonly search: string;
  readonly replace: string;
  readonly tests: readonly string[];
}

/** The promises of every client. */
export const invariants: Readonly<Record<number, string>> = {
  1: 'at most one acquisition in flight',
  2: 'token$ never gives a token known to be dead',
  3: 'every promise settles within its deadline',
  4: 'after dispose() there is silence',
  5: 'no secret is shown',
  6: 'a token is replaced before it dies, while the source answers',
  7: 'a failed authorize() changes nothing but the error',
  8: "the caller's objects are never changed",
  9: 'no timer gets a delay it cannot hold',
  10: 'a process stays for those who wait, and for nobody else',
  11: 'what one user was given is never given to the next',
};

const properties = 'test/property/invariants.test.ts';
const sharedLease = 'test/model/sharing-lease.test.ts';

export const mutants: readonly Mutant[] = [
  {
    invariant: 1,
    what: 'a question that was superseded is not aborted',
    file: 'machines/acquisition.ts',
    search: 'await ports.ask(request, signal, enter)',
    replace: 'await ports.ask(request, new AbortController().signal, enter)',
    tests: [properties, 'test/model/supersession.test.ts'],
  },
  {
    invariant: 1,
    what: 'a call for the same thing does not join',
    file: 'machines/acquisition.ts',
    search: 'running?.byCaller === true && running.terms === request.terms',
    replace: 'running?.byCaller === true && running.terms !== request.terms',
    tests: ['test/model/supersession.test.ts', 'test/behaviour/client/auth.test.ts'],
  },
  {
    invariant: 2,
    what: 'sleep does not age the token in use',
    file: 'machines/auth-context.ts',
    search: 'expiresAt: current.expiresAt - ms',
    replace: 'expiresAt: current.expiresAt',
    tests: [properties, 'test/model/sleep.test.ts'],
  },
  {
    invariant: 2,
    what: 'a token that died before it was accepted is taken',
    file: 'machines/auth-context.ts',
    search: 'at - receivedAt + ageMs >= lifetimeMs',
    replace: 'at - receivedAt + ageMs >= Number.POSITIVE_INFINITY',
    tests: [properties, 'test/machines/auth.test.ts'],
  },
  {
    invariant: 2,
    what: 'a token of a cache counts as new',
    file: 'src/client/token-ages.ts',
    search: ': Math.max(...possible)',
    replace: ': most',
    tests: ['test/behaviour/client/token-ages.test.ts', 'test/property/ages.test.ts'],
  },
  {
    invariant: 6,
    what: 'a token is renewed by its youngest age',
    file: 'src/client/token-ages.ts',
    search: 'oldestMs: lifetimeMs - least',
    replace: 'oldestMs: lifetimeMs - longest',
    tests: ['test/behaviour/client/token-ages.test.ts'],
  },
  {
    invariant: 3,
    what: 'an acquisition has no deadline',
    file: 'machines/acquisition.ts',
    search: '      deadlineMs,\n    );',
    replace: '      1_000 * deadlineMs,\n    );',
    tests: [properties, 'test/machines/acquisition.test.ts'],
  },
  {
    invariant: 3,
    what: 'a superseded call waits as long as there are newer ones',
    file: 'src/client/pending-callers.ts',
    search: 'first.dueAt < dueAt) this.#arm(first)',
    replace: 'first.dueAt < 0) this.#arm(first)',
    tests: [properties, 'test/behaviour/client/client-end.test.ts'],
  },
  {
    invariant: 4,
    what: 'the connection is not let go',
    file: 'src/client/client.ts',
    search: '      this.link?.dispose();\n',
    replace: '',
    tests: [properties, 'test/behaviour/client/auth.test.ts'],
  },
  {
    invariant: 4,
    what: 'the network is still listened to',
    file: 'src/client/client.ts',
    search: '    this.#ports.end();\n    this.#rest();\n',
    replace: '    this.#ports.end();\n',
    tests: [properties],
  },
  {
    invariant: 5,
    what: 'a box shows its content in JSON',
    file: 'src/token/secret.ts',
    search: 'toJSON(): unknown {',
    replace: 'toJSON(): unknown {\n    if (typeof this.#content === "object") return this.#content;',
    tests: [properties, 'test/behaviour/token/sealed.test.ts'],
  },
  {
    invariant: 5,
    what: 'what a server says is passed on as it is',
    file: 'src/redaction/text.ts',
    search: "(isPlain(run) ? run : '[…]')",
    replace: '(isPlain(run) ? run : run)',
    tests: [properties, 'test/behaviour/errors/errors.test.ts'],
  },
  {
    invariant: 6,
    what: 'the renewal is planned for after the death',
    file: 'machines/policy.ts',
    search: 'const latest = lifetimeMs - leadOf(lifetimeMs, policy);',
    replace: 'const latest = lifetimeMs + leadOf(lifetimeMs, policy);',
    tests: [properties, 'test/model/renewal.test.ts', 'test/machines/policy.test.ts'],
  },
  {
    invariant: 6,
    what: 'a renewal that failed is not tried again',
    file: 'machines/auth-setup.ts',
    search: "'the next try is due': retryInMs",
    replace: "'the next try is due': (args) => 1_000 * retryInMs(args)",
    tests: [properties, 'test/model/renewal.test.ts'],
  },
  {
    invariant: 7,
    what: 'the terms of a failed call are stored',
    file: 'machines/auth-context.ts',
    search: 'const next = { error, request: null,',
    replace: 'const next = { error, terms: context.request?.terms ?? context.terms, request: null,',
    tests: [properties, 'test/model/supersession.test.ts'],
  },
  {
    invariant: 8,
    what: 'the canonical capability is written back',
    file: 'src/token/token-params.ts',
    search: 'parsed.capability = canonicalCapability(capability);',
    replace:
      'parsed.capability = canonicalCapability(capability);\n    Object.assign(params, { capability: parsed.capability });',
    tests: [properties, 'test/behaviour/token/token-params.test.ts'],
  },
  {
    invariant: 9,
    what: 'a long delay is handed on as it is',
    file: 'src/clock.ts',
    search: 'return whole > MAX_TIMER_MS ? new LongTimer(fn, whole) : wait(fn, whole);',
    replace: 'return wait(fn, whole);',
    tests: [properties, 'test/behaviour/clock/clock.test.ts'],
  },
  {
    invariant: 10,
    what: 'a call that waits does not keep the process alive',
    file: 'src/client/client.ts',
    search: 'this.#callers !== undefined || (isMissed() === true',
    replace: '(isMissed() === true',
    tests: [properties, 'test/behaviour/client/hold.test.ts'],
  },
  {
    invariant: 10,
    what: 'a process that was kept alive is never let go',
    file: 'src/clock.ts',
    search: '  letGo?.();\n',
    replace: '',
    tests: [properties, 'test/behaviour/client/hold.test.ts'],
  },
  {
    invariant: 1,
    what: 'a late writer replaces the shared token of its successor',
    file: 'src/sharing/shared-tokens.ts',
    search: 'this.#store.write(name, { after, value, lifeMs })',
    replace: 'this.#store.write(name, { after: (await this.#store.read(name))?.epoch ?? 0, value, lifeMs })',
    tests: [sharedLease],
  },
  {
    invariant: 1,
    what: 'a member that gets the lease does not look again',
    file: 'src/sharing/shared-tokens.ts',
    search: 'const stored = await this.#store.read(turn.name);',
    replace: 'const stored = await Promise.resolve<StoredValue | null>(null);',
    tests: [sharedLease],
  },
  {
    invariant: 11,
    what: 'a member adopts a token after its user changed',
    file: 'src/sharing/shared-tokens.ts',
    search: '      if (this.#whose() !== id) return undefined;\n',
    replace: '',
    tests: [sharedLease, 'test/behaviour/sharing/shared-tokens.test.ts'],
  },
];
