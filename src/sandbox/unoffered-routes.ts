import { allows } from './capability-patterns.js';
import type { Credentials } from './credentials.js';
import { Fault } from './fault.js';
import type { Route } from './routes.js';

/**
 * What Ably has and this service has not. An answer would mislead, and 404 would say that Ably has no such path
 * either. So the service looks at the credentials, and then refuses by name.
 */
const unoffered: readonly [path: RegExp, what: string][] = [
  [/^\/channels$/, 'the list of channels'],
  [/^\/channels\/[^/]+\/presence\/history$/, 'the history of presence'],
  [/^\/channels\/[^/]+\/messages\/[^/]+(\/versions)?$/, 'single messages and their versions'],
  [/^\/channels\/[^/]+\/objects?(\/[^/]+)?$/, 'objects'],
  [/^\/chat(\/|$)/, 'chat rooms'],
  [/^\/push(\/|$)/, 'push notifications'],
  [/^\/stats$/, 'statistics'],
  [/^\/(sse|event-stream)$/, 'server-sent events'],
  [/^\/comet(\/|$)/, 'Comet, in place of WebSocket'],
];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function unofferedRoutes(credentials: Credentials): readonly Route[] {
  const refused = (method: string, path: RegExp, refusal: () => Fault): Route => ({
    method,
    path,
    fault: 'rest',
    handle: ({ request }) => {
      credentials.ofRequest(request);
      throw refusal();
    },
  });
  const unchanged = () => new Fault('the sandbox does not change or annotate messages');
  return [
    {
      method: 'GET',
      path: /^\/stats$/,
      fault: 'stats',
      handle: ({ request }) => {
        if (!allows(credentials.ofRequest(request).capabilities, '*', 'stats'))
          throw new Fault('operation not permitted with provided capability');
        throw new Fault('the sandbox does not offer this', 'statistics');
      },
    },
    refused('PATCH', /^\/channels\/[^/]+\/messages\/[^/]+$/, unchanged),
    ...METHODS.flatMap((method) => [
      refused(method, /^\/channels\/[^/]+\/messages\/[^/]+\/annotations$/, unchanged),
      ...unoffered.map(([path, what]) =>
        refused(method, path, () => new Fault('the sandbox does not offer this', what)),
      ),
    ]),
  ];
}
