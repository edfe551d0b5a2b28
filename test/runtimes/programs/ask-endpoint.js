// Asks a token endpoint that a server serves, as clients and pages ask it.
import { Auth } from 'latchkey';

export const formats = ['token-request', 'token', 'jwt'];
export const origin = 'https://app.example.com';
export const grant = () => ({ clientId: 'ada', capability: { 'chat:*': ['subscribe'] } });

/**
 * @param {string} url where the endpoint is served
 * @param {object} settings where the service is
 * @returns {Promise<true | string>} true, or what was not as expected
 */
export async function askEndpoint(url, { host, port }) {
  const faults = [];
  const expectEqual = (what, got, expected) => {
    if (got !== expected) faults.push(`${what}: ${got} instead of ${expected}`);
  };
  for (const authMethod of ['GET', 'POST']) {
    const auth = new Auth({ authUrl: url, authMethod, endpoint: host, port, tls: false });
    const user = await auth.authorize({ ttl: 60_000 }).then(userOf, (error) => error.message);
    expectEqual(`a client by ${authMethod}`, user, 'ada');
    auth.dispose();
  }
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const asked = [
    ['JSON', { ...json, body: '{"ttl":60000}' }, 200],
    ['a long body', { ...json, body: JSON.stringify({ a: 'x'.repeat(100_000) }) }, 413],
    ['a body that is not UTF-8', { ...json, body: new Uint8Array([0x22, 0xff, 0x22]) }, 400],
    ['PUT', { method: 'PUT' }, 405],
    ['a preflight', { method: 'OPTIONS', headers: { origin } }, 204],
  ];
  for (const [what, init, status] of asked) {
    const response = await fetch(url, init);
    const text = await response.text();
    expectEqual(what, response.status, status);
    expectEqual(`${what}, cache-control`, response.headers.get('cache-control'), 'no-store');
    if (status >= 400) expectEqual(`${what}, code`, JSON.parse(text).error.statusCode, status);
    if (status === 204)
      expectEqual('the allowed origin', response.headers.get('access-control-allow-origin'), origin);
  }
  return faults.length === 0 || faults.join('; ');
}

/** The TokenDetails of a JWT do not name the user. */
function userOf({ clientId, token }) {
  return clientId ?? JSON.parse(atob(token.split('.')[1]))['x-ably-clientId'];
}
