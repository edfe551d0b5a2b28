import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readmePath, withDiagrams } from '../../machines/diagrams.js';

describe('machines/README.md', () => {
  const readme = readFileSync(readmePath, 'utf8');

  it('the page shows the machines as they are: `npm run diagrams` changes nothing', () => {
    expect(withDiagrams(readme)).toBe(readme);
  });

  it.each(['auth', 'connection'])('the page has a diagram of %s, with its states', (name) => {
    const diagram = readme.split(`<!-- diagram: ${name} -->`)[1]?.split('<!-- end -->')[0] ?? '';
    expect(diagram).toContain('stateDiagram-v2');
    expect(diagram.split('\n').length).toBeGreaterThan(10);
  });
});
