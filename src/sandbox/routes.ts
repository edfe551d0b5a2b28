import type { AppInit, Apps } from './apps.js';
import type { Channels } from './channels.js';
import type { Credentials } from './credentials.js';
import { Fault } from './fault.js';
import { errorResponse, type Faults } from './faults.js';
import type { Revocation, Revocations } from './revocations.js';
import type { TokenRequests } from './token-requests.js';

export interface Services {
  readonly apps: Apps;
  readonly credentials: Credentials;
  readonly requests: TokenRequests;
  readonly channels: Channels;
  readonly faults: Faults;
  readonly revocations: Revocations;
  /** Tokens were revoked: their connections must hear it. */
  revoked(all: readonly Revocation[]): void;
  readonly now: () => number;
}

type Handler = (request: Request, path: readonly string[]) => Promise<Response> | Response;

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly fault: 'requestToken' | 'time' | 'other';
  readonly handle: Handler;
}

/** The REST API of the sandbox: `Request` in, `Response` out. */
export function routes(services: Services): (request: Request) => Promise<Response> {
  const table = tableOf(services);
  return async (request) => {
    if (request.method === 'OPTIONS') return withCors(new Response(null, { status: 204 }));
    const { pathname } = new URL(request.url);
    const route = table.find(({ method, path }) => method === request.method && path.test(pathname));
    const fault = await services.faults.onRequest(route?.fault ?? 'other', request.signal);
    return withCors(fault ?? (await answer(request, pathname, route)));
  };
}

async function answer(request: Request, pathname: string, route: Route | undefined): Promise<Response> {
  try {
    if (route === undefined) throw new Fault(40400, 'no such path');
    const parts = (route.path.exec(pathname) ?? []).slice(1);
    return await route.handle(request, parts.map(decodeURIComponent));
  } catch (thrown) {
    if (thrown instanceof Fault) return errorResponse(thrown.toWire());
    throw thrown;
  }
}

function tableOf({
  apps,
  credentials,
  requests,
  channels,
  revocations,
  revoked,
  now,
}: Services): readonly Route[] {
  return [
    { method: 'GET', path: /^\/time$/, fault: 'time', handle: () => json([now()]) },
    {
      method: 'POST',
      path: /^\/apps$/,
      fault: 'other',
      handle: async (request) => {
        const { appId, keys } = apps.create((await fieldsOf(request)) as AppInit);
        const all = keys.map((key) => ({
          ...key,
          value: key.keyStr,
          status: 0,
          type: 0,
          scopeId: `app:${appId}`,
        }));
        return json(
          { status: 0, id: `sandbox:${appId}`, appId, accountId: 'sandbox', keys: all, namespaces: [] },
          201,
        );
      },
    },
    {
      method: 'DELETE',
      path: /^\/apps\/([^/]+)$/,
      fault: 'other',
      handle: (request, [appId = '']) => {
        if (credentials.basicKey(request.headers)?.appId !== appId) throw new Fault(40101);
        apps.delete(appId);
        return new Response(null, { status: 204 });
      },
    },
    {
      method: 'POST',
      path: /^\/keys\/([^/]+)\/requestToken$/,
      fault: 'requestToken',
      handle: async (request, [keyName = '']) => {
        const key = apps.key(keyName);
        const holder = credentials.basicKey(request.headers);
        return json(requests.exchange(key, await fieldsOf(request), holder?.name === key.name), 201);
      },
    },
    {
      method: 'POST',
      path: /^\/keys\/([^/]+)\/revokeTokens$/,
      fault: 'other',
      handle: async (request, [keyName = '']) => {
        const holder = credentials.basicKey(request.headers);
        if (holder === undefined) throw new Fault(40162);
        if (holder.name !== keyName) throw new Fault(40133);
        const [results, added] = revocations.add(holder, await fieldsOf(request));
        revoked(added);
        const failureCount = results.filter((one) => 'error' in one).length;
        return json({ successCount: results.length - failureCount, failureCount, results }, 201);
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/([^/]+)\/messages$/,
      fault: 'other',
      handle: (request, [name = '']) => json(channels.history(credentials.ofRequest(request), name)),
    },
  ];
}

/** The body's fields, from JSON or a form. @throws {Fault} 40001 */
async function fieldsOf(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  const type = request.headers.get('content-type') ?? '';
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  if (type.startsWith('application/x-msgpack'))
    throw new Fault(40001, 'MessagePack is not spoken here, only JSON');
  try {
    const fields: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
      return fields as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Fault(40001, 'the body is not a JSON object');
}

/** The content type must be exactly this: Ably's own SDK compares the whole of it. */
function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

function withCors(response: Response): Response {
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set('access-control-allow-headers', '*, authorization');
  response.headers.set('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS');
  response.headers.set(
    'access-control-expose-headers',
    'link, x-ably-errorcode, x-ably-errormessage, retry-after',
  );
  return response;
}
