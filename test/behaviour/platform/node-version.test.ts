import { afterEach, describe, expect, it, vi } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { unsupportedNode } from '../../../src/platform/runtime.node.js';

const remediation = 'Install a newer Node, from https://nodejs.org/.';

afterEach(() => vi.restoreAllMocks());

describe('a Node below the lowest version', () => {
  it.each([
    ['a client', () => new Auth({ token: 'a-token' })],
    ['a connection', () => new RealtimeConnection({})],
  ])('the error of the constructor of %s names the version', (_what, make) => {
    vi.spyOn(process, 'versions', 'get').mockReturnValue({ ...process.versions, node: '18.20.8' });
    const message = 'Node must be version 20.20 or newer; got 18.20.8';
    expect(make).toThrow(expect.objectContaining({ code: 40003, message, remediation }));
  });

  it.each(['0.12.18', '18.20.8', '20.19.6'])('%s is one', (version) => {
    expect(unsupportedNode(version)?.message).toContain(`got ${version}`);
  });

  it.each(['20.20.0', '20.20.2', '22.0.0', '26.12.1'])('%s is none', (version) => {
    expect(unsupportedNode(version)).toBeUndefined();
  });

  it('the lowest version is the one of the manifest', () => {
    expect(manifest.engines.node).toBe('>=20.20');
    expect(unsupportedNode('1.0.0')?.message).toContain('version 20.20 or newer');
  });
});
