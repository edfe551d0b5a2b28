#!/usr/bin/env node
import { unsupportedNode } from '../platform/runtime.node.js';

const unsupported = unsupportedNode();
if (unsupported === undefined) {
  // Loaded now, because an older Node may be unable to.
  const { runProcess } = await import('./process.js');
  await runProcess();
} else {
  process.stderr.write(`latchkey: ${unsupported.message}. ${unsupported.remediation}\n`);
  process.exitCode = 1;
}
