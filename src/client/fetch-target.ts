import { invalidArgument } from '../checks/option-checks.js';
import { type ErrorInfo, isTokenError } from '../errors/error-info.js';
import { declared } from '../http/declared.js';
import { ablyHeaders, bearer } from '../http/headers.js';
import type { HostOrder } from '../http/host-order.js';
import type { LogHandler } from '../log/log.js';
import type { Address } from '../platform/address.js';
import { warnOfServerClaim } from '../sources/server-claim.js';
import type { ClientType } from '../token/client-type.js';
import type { TokenDetails } from '../token/token-details.js';

type Headers = Readonly<Record<string, string>>;

/** Where requests with credentials go: to the service, or to the servers of the application. */
export interface FetchTarget {
  /** Callers may use these origins and no other. The first is the base of a path. */
  readonly origins: readonly string[];
  /** The hosts that are asked, one after the other. undefined: the one that the caller names. */
  hosts(): Promise<HostOrder> | undefined;
  /** `https://host` */
  originOf(host: string): string;
  /** @throws {ErrorInfo} 40003: the token must not go there */
  check(token: TokenDetails): void;
  /** The header with a token. */
  authorization(token: string): string;
  /** The address that is asked. */
  address(url: string): string;
  /** The headers of a request, except for the credentials. */
  headers(given: Headers): Headers;
  /** The error of an answer with status 401, if another token may help. null: the caller gets the answer. */
  refusal(error: ErrorInfo, response: Response): ErrorInfo | null;
  /** Whether the credentials follow a redirect. @throws {ErrorInfo} 40003: the redirect is not followed */
  isWithin(to: Address, from: string | undefined): boolean;
}

/** What is known of the service. */
export interface ServiceOptions {
  /** `https://host` of the primary host. */
  readonly origin: string;
  readonly clientId: string | undefined;
  readonly clientType: ClientType | undefined;
  /** The programs that use the client, as `name/version`. */
  readonly agents: string | undefined;
  readonly log: LogHandler;
  /** The hosts that may receive the credentials. */
  order(): Promise<HostOrder>;
  /** `https://host` */
  originOf(host: string): string;
}

/** The service, with its fallback hosts. */
export function serviceTarget(options: ServiceOptions): FetchTarget {
  return {
    origins: [options.origin],
    hosts: () => options.order(),
    originOf: (host) => options.originOf(host),
    check: (token) => warnOfServerClaim(token, options),
    authorization: bearer,
    address: (url) => declared(url, options.clientType),
    headers: (given) => {
      const ours = ablyHeaders(options);
      const { accept = ours.accept ?? '' } = given;
      return { ...given, ...ours, accept };
    },
    refusal: (error) => (isTokenError(error) || isKeyError(error) ? error : null),
    isWithin: (to, from) => {
      if (to.origin === from) return true;
      throw redirected('to another origin, which must not get the credentials');
    },
  };
}

/** Whether the token's key was revoked, has expired or is unknown. The source may have another key by now. */
const isKeyError = ({ code }: ErrorInfo): boolean => code >= 40130 && code <= 40132;

export function redirected(why: string): ErrorInfo {
  return invalidArgument(`the server redirects: ${why}`, 'Check endpoint, port and tls, and the path.');
}
