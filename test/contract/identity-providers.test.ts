import { describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { sourceContract } from '../../src/testing/index.js';
import { identityProviders } from '../kit/identity-providers.js';

describe.each(identityProviders())('the source for $name', ({ faults, make }) => {
  for (const { title, run } of sourceContract(make, faults)) it(title, run);

  it('a session token that the endpoint refuses is replaced by a newer one, and the user stays signed in', async () => {
    const harness = make();
    const signIns: unknown[] = [];
    const auth = new Auth({ authCallback: harness.authCallback, logLevel: 'none' });
    auth.on('signin.required', (happening) => signIns.push(happening));
    await auth.authorize();
    const [first = ''] = harness.received;
    harness.refused.add(first);
    await auth.authorize();
    expect(harness.received.at(-1)).not.toBe(first);
    expect(signIns).toEqual([]);
    auth.dispose();
    harness.dispose();
  });
});
