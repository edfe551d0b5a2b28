import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../row.js';

/** The job in the module beside: the main job, and what else React Native's own modules are apt to spoil. */
type Job = (home: string) => Promise<{ readonly version: string; readonly faults: readonly string[] }>;

/** Which faults of that job are one of the table's steps. */
const ofStep: Readonly<Record<string, RegExp>> = {
  TokenRequest: /^a token by a callback/,
  'authUrl GET': /authUrl with GET/,
  'authUrl POST': /authUrl with POST/,
  renewal: /renew/,
  connection: /RealtimeConnection/,
  upgrade: /RealtimeConnection/,
};

export const reactNativeRows: readonly Row[] = [
  {
    name: "React Native's URL and fetch, in a vm",
    isShort: false,
    without: { endpoint: 'React Native has no servers' },
    run: async () => {
      const job: string = '../react-native.js';
      const { reactNative } = (await import(job)) as { readonly reactNative: Job };
      const home = await mkdtemp(join(tmpdir(), 'latchkey-react-native-'));
      try {
        const { version, faults } = await reactNative(home);
        const rest = faults.filter((fault) => !Object.values(ofStep).some((which) => which.test(fault)));
        const steps = Object.entries(ofStep).map(([name, which]) => {
          const found = faults.filter((fault) => which.test(fault));
          return [name, found.length === 0 ? true : found.join('; ')];
        });
        const platform = rest.length === 0 ? true : rest.join('; ');
        return { version, steps: { ...Object.fromEntries(steps), 'what else differs there': platform } };
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
  },
];
