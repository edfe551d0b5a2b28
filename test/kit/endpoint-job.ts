import { Auth } from 'latchkey';
import { refuse, type TokenFormat, tokenEndpoint } from 'latchkey/server';

/** Where the service is, and what asks an endpoint: the platform of the endpoint may have no Request. */
export interface EndpointJob {
  readonly host: string;
  readonly port: number;
  readonly key: string;
  request(init?: RequestInit): Request;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

/** What an endpoint is asked, and the status of its answer. */
const asked: Readonly<Record<string, readonly [init: RequestInit, status: number]>> = {
  GET: [{}, 200],
  'a form': [{ method: 'POST', headers: form, body: 'ttl=60000' }, 200],
  JSON: [{ method: 'POST', headers: json, body: '{"ttl":60000,"clientId":"ä"}' }, 200],
  'a preflight': [{ method: 'OPTIONS', headers: { origin: 'https://app.example.com' } }, 204],
  PUT: [{ method: 'PUT' }, 405],
  'a long body': [{ method: 'POST', headers: json, body: JSON.stringify({ a: 'x'.repeat(100_000) }) }, 413],
  'a stranger': [{ headers: { 'x-user': 'stranger' } }, 403],
};

/** Its answers where the platform is whole. */
export const answers = Object.fromEntries(Object.entries(asked).map(([name, [, status]]) => [name, status]));

export const formats: readonly TokenFormat[] = ['token-request', 'token', 'jwt'];

/** The status of each answer of an endpoint of that format; a text if none can be made, with the advice. */
export async function askAll(
  format: TokenFormat,
  { host, port, key, request }: EndpointJob,
): Promise<Readonly<Record<string, unknown>> | string> {
  let auth: Auth | undefined;
  try {
    auth = new Auth({ key, useTokenAuth: true, endpoint: host, port, tls: false, logLevel: 'none' });
    const endpoint = tokenEndpoint({
      auth,
      format,
      cors: { origins: ['https://app.example.com'] },
      onError: () => {},
      grant: ({ headers }) =>
        headers.get('x-user') === null ? { clientId: 'ä', capability: { a: ['subscribe'] } } : refuse(403),
    });
    const given: Record<string, unknown> = {};
    for (const [name, [init]] of Object.entries(asked)) {
      const answer = await endpoint(request(init)).catch((error: unknown) => error);
      given[name] = (answer as Response).status ?? `${answer}`;
    }
    return given;
  } catch (error) {
    const { message, remediation } = error as { message: string; remediation?: string };
    return remediation === undefined ? message : `${message}: ${remediation}`;
  } finally {
    auth?.dispose();
  }
}
