import type { Clock } from '../clock.js';
import type { Controls } from './controls.js';
import type { Realtime } from './realtime.js';

/** A sandbox that listens on a port. */
export interface Listening {
  /** `http://host:port` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Breaks every connection and frees the port. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  readonly port?: number;
  readonly host?: string;
}

/** What a port serves. */
export interface Service {
  /** Answers a REST request. */
  readonly handle: (request: Request) => Promise<Response>;
  readonly realtime: Realtime;
  readonly controls: Controls;
  readonly clock: Clock;
}
