import { isOfLocalPage } from '../checks/local-requests.node.js';
import type { AppInfo, AppInit, Apps } from './apps.js';
import type { Channels } from './channels.js';
import type { Credentials } from './credentials.js';
import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import { isListOfRecords } from './record.js';
import type { Route } from './routes.js';

export interface AppServices {
  readonly apps: Apps;
  readonly credentials: Credentials;
  readonly channels: Channels;
  /** Called after an app was deleted: its connections must be closed. */
  deleted(appId: string): void;
  readonly now: () => number;
}

/** The highest number of channels with presence fixtures in an app. */
const MOST_FIXTURES = 200;

/** The routes that create and delete apps. */
export function appRoutes(services: AppServices): readonly Route[] {
  const { apps, credentials, channels, deleted, now } = services;
  return [
    {
      method: 'POST',
      path: /^\/apps$/,
      fault: 'apps',
      handle: async ({ request, fields, url }) => {
        if (!isFromHere(request.headers.get('origin') ?? undefined))
          throw new Fault('only pages of this machine may create apps');
        const init = (await fields()) as AppInit;
        return {
          status: 201,
          body: { ...provisioned(createApp(services, init), init, now()), ...placeOf(url) },
        };
      },
    },
    {
      method: 'DELETE',
      path: /^\/apps\/([^/]+)$/,
      fault: 'apps',
      handle: ({ request, names: [appId = ''] }) => {
        if (credentials.basicKey(request)?.appId !== appId) throw new Fault('invalid credentials');
        apps.delete(appId);
        channels.forget(appId);
        deleted(appId);
        return { status: 204 };
      },
    },
  ];
}

/** Creates an app. @throws {Fault} 40000, 40001 if `init` is invalid */
export function createApp(
  { apps, channels }: Pick<AppServices, 'apps' | 'channels'>,
  init: AppInit,
): AppInfo {
  const { namespaces = [], channels: fixtures = [] } = init;
  if (!isListOfRecords(namespaces))
    throw new Fault('invalid request body', 'namespaces must be a list of objects');
  if (!isListOfRecords(fixtures))
    throw new Fault('invalid request body', 'channels must be a list of objects');
  if (fixtures.length > MOST_FIXTURES) {
    throw new Fault('too much at once', `an app starts with at most ${MOST_FIXTURES} channels`);
  }
  const app = apps.create(init);
  try {
    for (const { name, presence = [] } of fixtures) {
      if (typeof name !== 'string' || !isListOfRecords(presence)) {
        throw new Fault('invalid request body', 'each channel needs a name, and its presence must be a list');
      }
      const key = apps.key(app.keys[0]?.keyName ?? '');
      const grant = { ...key, keyName: key.name, clientId: '*', expires: Number.POSITIVE_INFINITY };
      channels.provide(grant, name, presence as readonly Message[]);
    }
  } catch (thrown) {
    apps.delete(app.appId);
    channels.forget(app.appId);
    throw thrown;
  }
  return app;
}

/**
 * Whether a request comes from a page of this machine, or from no page. Creating an app needs no key, and
 * browsers let every page send such a request: a page of another machine must not fill the memory of this
 * one. A port admits fewer pages.
 */
function isFromHere(origin: string | undefined): boolean {
  return origin !== 'null' && isOfLocalPage({ headers: { origin }, socket: {} });
}

/** The app's address: the one to which the request was sent. */
function placeOf({ protocol, hostname, port }: URL): object {
  const tls = protocol === 'https:';
  return { endpoint: hostname, port: port === '' ? (tls ? 443 : 80) : Number(port), tls };
}

/** The answer of `POST /apps`. */
function provisioned({ appId, keys }: AppInfo, { namespaces = [] }: AppInit, now: number): object {
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
    namespaces: namespaces.map((one) => ({ ...one, ...times })),
    connections: [],
    channels: [],
  };
}
