import { type HostOptions, isHostName, nonprodId } from './hosts.js';

/** The fallback hosts of an endpoint. Their order has no meaning. @see REC2 */
export function fallbackHosts(options: HostOptions): readonly string[] {
  const { endpoint } = options;
  if (options.fallbackHosts !== undefined) return options.fallbackHosts;
  const isOwn = options.restHost !== undefined || options.realtimeHost !== undefined;
  if (endpoint === undefined ? isOwn : isHostName(endpoint)) return [];
  const nonprod = nonprodId(endpoint ?? '');
  return ['a', 'b', 'c', 'd', 'e'].map((letter) =>
    nonprod === undefined
      ? `${endpoint ?? 'main'}.${letter}.fallback.ably-realtime.com`
      : `${nonprod}.${letter}.fallback.ably-realtime-nonprod.com`,
  );
}
