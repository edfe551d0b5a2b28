import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forTools, forToolsPath, llmsPath, llmsText } from '../../docs/llms.js';
import { root } from '../kit/imports.js';

describe('the pages for tools that read', () => {
  it('docs/for-tools.md is what `npm run llms` makes of the tested pages and of the errors', async () => {
    expect(readFileSync(forToolsPath, 'utf8')).toBe(await forTools());
  });

  it('docs/for-tools.md shows ten mistakes, each with its error and what to do', async () => {
    const errors = [...(await forTools()).matchAll(/^ErrorInfo (\d+)\/\d+: (.+[.!?]) (.+)$/gm)];
    expect(errors.map(([, code]) => Number(code))).toHaveLength(10);
    expect(new Set(errors.map(([line]) => line)).size).toBe(10);
  });

  it('llms.txt is what `npm run llms` makes, and lists every page of the package', () => {
    const text = readFileSync(llmsPath, 'utf8');
    expect(text).toBe(llmsText());
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
    expect(files).toEqual(expect.arrayContaining(['llms.txt', 'docs/**/*.md']));
    expect(links.filter((path) => !path.startsWith('docs/'))).toEqual([]);
  });
});
