const HOUR_MS = 3_600_000;
let count = 0;

/** A unique token, as long as Ably's, valid for an hour. */
export function freshToken() {
  count += 1;
  const issued = Date.now();
  return {
    token: `appId.${String(count).padStart(12, '0')}${'x'.repeat(100)}`,
    issued,
    expires: issued + HOUR_MS,
    capability: '{"*":["*"]}',
    clientId: 'ada',
  };
}
