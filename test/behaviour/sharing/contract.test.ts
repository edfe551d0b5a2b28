import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { hostPort } from '../../../src/sharing/host/host-port.node.js';
import { WebStore } from '../../../src/sharing/web/web-store.js';
import { type SharingHarness, sharingContract } from '../../../src/testing/index.js';
import { webOrigin } from '../../kit/web-origin.js';

function folderHarness(): SharingHarness {
  const folder = mkdtempSync(join(tmpdir(), 'sharing-'));
  return {
    open: () => hostPort(join(folder, 'tokens')),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe('promise 10: the files of a folder keep the contract', () => {
  for (const { title, run } of sharingContract(folderHarness)) it(title, run);
});

function pagesHarness(): SharingHarness {
  const origin = webOrigin(systemClock);
  return { open: () => new WebStore(origin.page().platform) };
}

describe('promise 10: the pages of an origin keep the contract', () => {
  for (const { title, run } of sharingContract(pagesHarness)) it(title, run);
});
