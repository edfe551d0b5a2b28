import { Auth, type ClientOptions, ErrorInfo } from '../../src/index.js';
import { type TokenFormat, tokenEndpoint } from '../../src/server/index.js';

/** The arguments of a task in the worker. */
export interface Task {
  readonly name: keyof typeof tasks;
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** The address of the application's endpoint, without a path. */
  readonly application: string;
}

/** The result of a task. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: Partial<Pick<ErrorInfo, 'code' | 'message' | 'remediation'>> };

const service = ({ host, port }: Task): ClientOptions => ({ endpoint: host, port, tls: false });
const withKey = (task: Task, more: ClientOptions = {}) =>
  new Auth({ key: task.key, useTokenAuth: true, ...service(task), ...more });
const withUrl = (task: Task, path: string, more: ClientOptions = {}) =>
  new Auth({ authUrl: `${task.application}${path}`, ...service(task), ...more });

const tokenOf = async (auth: Auth) => typeof (await auth.requestToken()).token;

async function answerOf(task: Task, format: TokenFormat): Promise<unknown> {
  const grant = () => ({ clientId: 'ada', capability: { 'chat:*': ['subscribe'] } });
  const endpoint = tokenEndpoint({ auth: withKey(task), grant, format });
  const response = await endpoint(new Request('https://example.com/token'));
  const text = await response.text();
  return [
    response.status,
    Object.keys(JSON.parse(text) as object).includes(format === 'token-request' ? 'mac' : 'token'),
  ];
}

const holder = { fetch };
const rudeFetch: typeof fetch = (input, init) => holder.fetch(input, init);

/** The tasks in the worker, by name. */
export const tasks = {
  'authUrl by GET': (task: Task) => tokenOf(withUrl(task, '/token')),
  'authUrl by POST': (task: Task) => tokenOf(withUrl(task, '/token', { authMethod: 'POST' })),
  'authUrl with headers': (task: Task) =>
    tokenOf(withUrl(task, '/token', { authHeaders: { 'x-user': 'ada' } })),
  'authUrl with a redirect within the origin': (task: Task) => tokenOf(withUrl(task, '/redirect')),
  'authUrl by POST with a redirect': (task: Task) =>
    tokenOf(withUrl(task, '/redirect', { authMethod: 'POST' })),
  'authUrl with headers and a redirect': (task: Task) =>
    tokenOf(withUrl(task, '/redirect', { authHeaders: { 'x-user': 'ada' } })),
  'the exchange of a TokenRequest': (task: Task) => tokenOf(withKey(task)),
  'the time': async (task: Task) => typeof (await withKey(task).time()),
  'the time, before signing': (task: Task) => tokenOf(withKey(task, { queryTime: true })),
  'authorize()': async (task: Task) => {
    const auth = withUrl(task, '/token');
    await auth.authorize();
    return auth.state.value;
  },
  'auth.fetch()': async (task: Task) => (await withUrl(task, '/token').fetch('/channels/a/messages')).status,
  "auth.fetch() with redirect: 'error'": async (task: Task) =>
    (await withUrl(task, '/token').fetch('/channels/a/messages', { redirect: 'error' })).status,
  'an endpoint of the format token-request': (task: Task) => answerOf(task, 'token-request'),
  'an endpoint of the format token': (task: Task) => answerOf(task, 'token'),
  'an endpoint of the format jwt': (task: Task) => answerOf(task, 'jwt'),
  'a service that redirects': (task: Task) => {
    const { hostname, port } = new URL(task.application);
    return withKey(task, { endpoint: hostname, port: Number(port), fallbackHosts: [task.host] }).time();
  },
  // No server listens there: this is a network fault, so the fallback host is tried.
  'a service that cannot be reached': async (task: Task) =>
    typeof (await withKey(task, { endpoint: '127.0.0.2', fallbackHosts: [task.host] }).time()),
  'a fetch with a wrong receiver': (task: Task) =>
    withKey(task, { fetch: rudeFetch, fallbackHosts: ['b.test'] }).time(),
  'a fetch with a wrong receiver, for authUrl': (task: Task) =>
    tokenOf(withUrl(task, '/token', { fetch: rudeFetch })),
};

/** Runs the task that a request names. */
export async function answer(request: Request): Promise<Response> {
  const task = (await request.json()) as Task;
  const outcome: Outcome = await tasks[task.name](task).then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({
      error: error instanceof ErrorInfo ? error.toJSON() : { message: String(error) },
    }),
  );
  return Response.json(outcome);
}
