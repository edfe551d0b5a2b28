import { liveThrough } from '../e2e/hostile-client.js';

export interface HostilePage {
  liveThrough(port: number, number: number): Promise<string>;
}

(globalThis as { hostile?: HostilePage }).hostile = { liveThrough };
