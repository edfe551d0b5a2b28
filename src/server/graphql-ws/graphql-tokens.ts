import { closeReason, EXPIRED, reasonFor } from '../close-reason.js';
import { type LiveOptions, liveOptions } from '../live-options.js';
import { LiveToken } from '../live-token.js';
import { answerMessage, closeCodeFor } from '../token-answer.js';
import type { VerifiedToken } from '../verified-token.js';

/** The context of a connection, as `graphql-ws` has it with its `use/ws`. */
export interface GraphqlContext {
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
  readonly extra: { readonly socket: GraphqlSocket };
}

/** The socket in a {@link GraphqlContext}. */
export interface GraphqlSocket {
  /** Sends a text message. */
  send(data: string): void;
  /** Begins the closing handshake. */
  close(code: number, reason: string): void;
  /** Removes the listeners of `graphql-ws`. */
  removeAllListeners(name: 'message'): unknown;
}

/** The hooks that `useServer` of `graphql-ws` gets. */
export interface GraphqlTokenHooks {
  /** Verifies `token` in the payload of `connection_init`. A connection without a valid token is closed. */
  onConnect(context: GraphqlContext): Promise<boolean>;
  /** Verifies a token in a Ping, and turns the payload into the answer: `graphql-ws` sends it back in the Pong. */
  onPing(context: GraphqlContext, payload?: Record<string, unknown>): Promise<void>;
  /** Ends the timers of the connection. */
  onClose(context: GraphqlContext): void;
}

/** The result of {@link graphqlTokens}. */
export interface GraphqlTokens {
  /** For `useServer({ schema, ...hooks }, server)`. */
  readonly hooks: GraphqlTokenHooks;
  /** The token of a connection, as it was verified. undefined: none was accepted, or it has expired. */
  tokenOf(context: GraphqlContext): VerifiedToken | undefined;
}

/**
 * The client of `graphql-ws` connects again after `forbidden`, and its subscriptions live on. After `unauthorized` it
 * ends for good, with all subscriptions.
 */
const CLOSE = { tokenNeeded: 4403, forbidden: 4401, tryAgainLater: 1013 } as const;

/**
 * Makes hooks for `graphql-ws`: each connection must present a token, and lives as long as the token. The server asks
 * for the next one by a Ping with `{ type: 'token.asked' }`. The client sends it in a Ping with
 * `{ type: 'authenticate', id, token }`, and the Pong has `{ type: 'accepted', id }`, or `{ type: 'refused', id, code,
 * message }`. A client that knows nothing of it is closed with 4403 at the expiry, and connects again with the token
 * that its `connectionParams` returns.
 *
 * @throws {ErrorInfo} 40003: an option is invalid; the message names it
 *
 * @example
 * ```ts
 * import { buildSchema } from 'graphql';
 * import { useServer } from 'graphql-ws/use/ws';
 * import { graphqlTokens, jwtVerifier } from 'latchkey/server/graphql-ws';
 * import { WebSocketServer } from 'ws';
 *
 * const tokens = graphqlTokens({
 *   verify: jwtVerifier({ jwks: 'https://id.example.com/jwks.json', audience: 'chat' }),
 * });
 * const schema = buildSchema('type Query { name: String }');
 * const context = (ctx: Parameters<typeof tokens.tokenOf>[0]) => ({ user: tokens.tokenOf(ctx)?.identity });
 * const server = useServer({ schema, context, ...tokens.hooks }, new WebSocketServer({ port: 0 }));
 * await server.dispose();
 * ```
 */
export function graphqlTokens(options: LiveOptions): GraphqlTokens {
  const live = liveOptions(options);
  const tokens = new WeakMap<GraphqlContext, LiveToken>();

  const end = (context: GraphqlContext, code: number, reason: string): void => {
    tokens.get(context)?.end();
    const { socket } = context.extra;
    // `graphql-ws` would run operations that arrive after the close.
    socket.removeAllListeners('message');
    socket.close(code, closeReason(reason));
  };
  const liveTokenOf = (context: GraphqlContext): LiveToken =>
    new LiveToken({
      ...live,
      ask: (expiresInMs) =>
        context.extra.socket.send(
          JSON.stringify({ type: 'ping', payload: { type: 'token.asked', expiresInMs } }),
        ),
      expire: () => end(context, CLOSE.tokenNeeded, EXPIRED),
    });

  const hooks: GraphqlTokenHooks = {
    async onConnect(context) {
      const token = liveTokenOf(context);
      tokens.set(context, token);
      const answer = await token.present(context.connectionParams?.token);
      if (answer === undefined) return false;
      if (!('error' in answer)) return true;
      end(context, closeCodeFor(answer.error, CLOSE) ?? CLOSE.tryAgainLater, reasonFor(answer.error));
      return false;
    },
    async onPing(context, payload) {
      if (payload?.type !== 'authenticate') return;
      const { token, id } = payload;
      for (const name of Object.keys(payload)) delete payload[name];
      const answer = await tokens.get(context)?.present(token);
      Object.assign(payload, answer === undefined ? {} : answerMessage(answer, id));
    },
    onClose: (context) => tokens.get(context)?.end(),
  };
  const tokenOf = (context: GraphqlContext) => {
    const token = tokens.get(context);
    return token?.isLive ? token.current : undefined;
  };
  return { hooks, tokenOf };
}
