import { describe, expect, it } from 'vitest';
import { startTokenEndpoint } from '../../src/cli/token-endpoint.js';
import { systemClock } from '../../src/clock.js';

describe('the token endpoint of the demo', () => {
  it('an answer cannot be loaded by a page of another origin, up or down', async () => {
    const endpoint = await startTokenEndpoint({
      key: 'appId.keyId:secret',
      clock: systemClock,
      latencyMs: 0,
    });
    try {
      for (const [isUp, status] of [
        [true, 200],
        [false, 503],
      ] as const) {
        endpoint.isUp = isUp;
        const response = await fetch(endpoint.url);
        expect(response.status).toBe(status);
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
        expect(response.headers.get('cache-control')).toBe('no-store');
      }
    } finally {
      await endpoint.close();
    }
  });
});
