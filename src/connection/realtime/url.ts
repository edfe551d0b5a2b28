import { agentWith } from '../../http/agent.js';
import { baseUrl, type HostOptions, primaryHost } from '../../http/hosts.js';
import { formOf } from '../../text.js';
import { type ClientType, clientTypeIn } from '../../token/client-type.js';
import type { AttachedClient } from '../port.js';

/** The host of a connection, and the parameters in its address. */
export interface UrlOptions extends HostOptions {
  /** The clientId. null or absent: that of the token. @see RTN2d */
  readonly clientId?: string | null;
  /**
   * Whether the client is a user's device or one of your servers. Default: that of the Auth; without one, `'device'`
   * in a page, its workers and React Native, and elsewhere nothing.
   * @see https://ably.com/docs/platform/errors/codes/40167-untrusted-client-type-declaration
   */
  readonly clientType?: ClientType | null;
  /** Whether the client receives its own messages. Default: true. @see RTC1a */
  readonly echoMessages?: boolean;
  /**
   * The programs that use the connection, as `name/version`. They are added to Latchkey's own name.
   * @see RSC7d6
   */
  readonly agent?: string;
  /** More query parameters. @see RTC1f */
  readonly transportParams?: Readonly<Record<string, string | number | boolean>>;
}

/** The credentials and the host of one transport. */
export interface Opening {
  /** A token, or an API key. @see RTN2e */
  readonly credentials: { readonly accessToken: string } | { readonly key: string };
  /** The key of the connection that is to be resumed or recovered. @see RTN15b1, RTN16k */
  readonly resume: string | null;
  /** Whether it is the connection of an earlier client. */
  readonly isRecovery: boolean;
  /**
   * How the server shows that it is there. `'false'`: by ping frames, which are seen. `'true'`: by messages. `'bounce'`:
   * by messages that the client answers, because a platform may stop a page while its socket goes on and answers
   * ping frames.
   * @see RTN23b, RTN23c
   */
  readonly heartbeats: 'false' | 'true' | 'bounce';
  /** null: the primary host. */
  readonly host: string | null;
}

/** `wss://host`, with the port if it is not the usual one. */
export function realtimeBase(options: UrlOptions, host = primaryHost(options)): string {
  return baseUrl(host, options).replace(/^http/, 'ws');
}

/** The address of a connection. It contains the token, so it is never logged. @see RTN2 */
export function connectionUrl(
  options: UrlOptions & Pick<AttachedClient, 'agents'>,
  { credentials, resume, isRecovery, heartbeats, host }: Opening,
): string {
  const { agent, agents, clientId, echoMessages, transportParams = {} } = options;
  const clientType = clientTypeIn(options.clientType);
  const query = {
    v: '6',
    format: 'json',
    heartbeats,
    agent: agentWith(agents, agent),
    ...(clientId === undefined || clientId === null ? {} : { clientId }),
    ...(clientType === undefined ? {} : { clientType }),
    ...(echoMessages === false ? { echo: 'false' } : {}),
    ...Object.fromEntries(Object.entries(transportParams).map(([name, value]) => [name, String(value)])),
    ...(resume === null ? {} : { [isRecovery ? 'recover' : 'resume']: resume }),
    ...credentials,
  };
  return `${realtimeBase(options, host ?? undefined)}/?${formOf(Object.entries(query))}`;
}
