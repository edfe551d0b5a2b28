import type { Service } from './service.js';

/** What the table shows of a row, in this order. What else a row looks at is listed besides. */
export const steps = [
  'TokenRequest',
  'authUrl GET',
  'authUrl POST',
  'renewal',
  'connection',
  'upgrade',
  'endpoint token-request',
  'endpoint token',
  'endpoint jwt',
] as const;

/** By the name of a step: true, or what went wrong. A step that is missing is none of this runtime. */
export type Steps = Readonly<Record<string, true | string>>;

/** What became of one row. */
export interface Outcome {
  readonly version: string;
  readonly steps: Steps;
}

/** Thrown by a row whose runtime is not on this machine, and cannot be had from npm. */
export class Absent extends Error {}

/** One runtime or build tool, and the main job in it. */
export interface Row {
  readonly name: string;
  /** Whether it needs nothing that `npm ci` does not install. */
  readonly isShort: boolean;
  /** Why the steps of a token endpoint are none of its. Default: all steps must be done. */
  readonly without?: { readonly endpoint: string };
  /** Steps of its own that must be done. */
  readonly besides?: readonly string[];
  /** It has steps of its own, and none of the main job. */
  readonly isWithoutJob?: true;
  run(service: Service): Promise<Outcome>;
}

/** Where a runtime cannot do it, a program without Latchkey shows why. */
export interface Impossible {
  readonly name: string;
  readonly reason: string;
  /** Throws where the program does not fail as it must. */
  prove(): Promise<void>;
}
