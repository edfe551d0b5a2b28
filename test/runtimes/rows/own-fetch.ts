import { ownFetch, ownFetches } from '../own-fetch.js';
import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

export const ownFetchRows: readonly Row[] = [
  {
    name: "An app's own fetch",
    isShort: false,
    isWithoutJob: true,
    besides: ownFetches,
    run: async () => {
      const project = await Project.make(packages.ownFetch);
      const faults = await ownFetch(project.home);
      const steps = Object.entries(faults).map(([name, all]) => [name, all.length === 0 || all.join('; ')]);
      return { version: '', steps: Object.fromEntries(steps) };
    },
  },
];
