import type { Clock } from '../clock.js';
import { type Answer, enveloped, errorAnswer, formatFor, responseOf, withCors } from './answers.js';
import { bodyOf, fieldsOf } from './body.js';
import { Fault } from './fault.js';
import type { FaultRoute } from './fault-plan.js';
import type { Faults } from './faults.js';
import type { Format } from './format.js';
import { checkVersion } from './protocol-version.js';

/** One request, as the routes receive it. */
export interface Ask {
  readonly request: Request;
  readonly url: URL;
  /** The decoded names in the path. */
  readonly names: readonly string[];
  /** The format of the answer. */
  readonly format: Format;
  /** The fields of the body. @throws {Fault} 40001 */
  fields(): Promise<Record<string, unknown>>;
  /** The decoded body, of any type. @throws {Fault} 40001 */
  value(): Promise<unknown>;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly fault: FaultRoute;
  readonly handle: (ask: Ask) => Promise<Answer> | Answer;
}

/** The REST API of the sandbox, a function from `Request` to `Response`. */
export function restApi(
  routes: readonly Route[],
  { faults, clock }: { readonly faults: Faults; readonly clock: Clock },
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === 'OPTIONS') return withCors(responseOf({}, 'json'));
    const url = new URL(request.url);
    const route = routes.find(({ method, path }) => method === request.method && path.test(url.pathname));
    const fault = await faults.onRequest(route?.fault ?? 'rest', request.signal);
    return withCors(await answer(request, url, route, fault, clock));
  };
}

async function answer(
  request: Request,
  url: URL,
  route: Route | undefined,
  fault: Answer | undefined,
  clock: Clock,
): Promise<Response> {
  let format: Format = 'json';
  const respond = (one: Answer) =>
    responseOf(url.searchParams.has('envelope') ? enveloped(one) : one, format);
  try {
    format = formatFor(request);
    if (fault !== undefined) return respond(fault);
    if (route === undefined) throw new Fault('no such path');
    checkVersion(request.headers.get('x-ably-version'));
    const names = (route.path.exec(url.pathname) ?? []).slice(1).map(decodePart);
    const fields = () => fieldsOf(request, clock);
    const value = () => bodyOf(request, clock);
    return respond(await route.handle({ request, url, names, format, fields, value }));
  } catch (thrown) {
    if (thrown instanceof Fault) return respond(errorAnswer(thrown.toWire()));
    throw thrown;
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Fault('no such path');
  }
}
