import { checkFormat, errorResponse, json, withCors } from './answers.js';
import type { AppInfo, AppInit, Apps } from './apps.js';
import { fieldsOf } from './body.js';
import type { Channels } from './channels.js';
import type { Credentials } from './credentials.js';
import { Fault } from './fault.js';
import type { Faults } from './faults.js';
import { checkVersion } from './protocol-version.js';
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
  /** An app is gone: its connections must hear it. */
  deleted(appId: string): void;
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
    checkVersion(request.headers.get('x-ably-version'));
    checkFormat(request);
    const parts = (route.path.exec(pathname) ?? []).slice(1);
    return await route.handle(request, parts.map(decodePart));
  } catch (thrown) {
    if (thrown instanceof Fault) return errorResponse(thrown.toWire());
    throw thrown;
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Fault(40400, 'no such path');
  }
}

/** What `POST /apps` tells of an app. `keys` and `namespaces` are as long: fixtures go through both. */
function provisioned({ appId, keys }: AppInfo, now: number): object {
  const times = { created: now, modified: now };
  const scopeId = `app:${appId}`;
  return {
    status: 0,
    ...times,
    tlsOnly: false,
    labels: '',
    id: `sandbox:${appId}`,
    appId,
    accountId: 'sandbox',
    keys: keys.map((key) => ({
      ...key,
      scopeId,
      status: 0,
      type: 0,
      value: key.keyStr,
      ...times,
      expires: 0,
      privileged: false,
    })),
    namespaces: keys.map((_key, index) => ({ id: `namespace-${index}`, ...times, persisted: false })),
    connections: [],
    channels: [],
  };
}

function tableOf({
  apps,
  credentials,
  requests,
  channels,
  revocations,
  revoked,
  deleted,
  now,
}: Services): readonly Route[] {
  return [
    { method: 'GET', path: /^\/time$/, fault: 'time', handle: () => json([now()]) },
    {
      method: 'POST',
      path: /^\/apps$/,
      fault: 'other',
      handle: async (request) =>
        json(provisioned(apps.create((await fieldsOf(request)) as AppInit), now()), 201),
    },
    {
      method: 'DELETE',
      path: /^\/apps\/([^/]+)$/,
      fault: 'other',
      handle: (request, [appId = '']) => {
        if (credentials.basicKey(request.headers)?.appId !== appId) throw new Fault(40101);
        apps.delete(appId);
        deleted(appId);
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
        return json(requests.exchange(key, await fieldsOf(request), holder), 201);
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
