import { Auth } from 'latchkey';
import { refuse, tokenEndpoint } from 'latchkey/server';

/** The users by session. Yours are in a database. */
const sessions = new Map([
  ['s-1', { user: 'ada', isBanned: false }],
  ['s-2', { user: 'mallory', isBanned: true }],
]);

/** The same endpoint for every server: this file depends on none of them. */
export const endpoint = tokenEndpoint({
  auth: new Auth(process.env.ABLY_KEY ?? 'appId.keyId:secret'),
  grant(request) {
    const [, id = ''] = /(?:^|;\s*)session=([\w-]+)/.exec(request.headers.get('cookie') ?? '') ?? [];
    const session = sessions.get(id);
    if (session === undefined) return refuse(401);
    if (session.isBanned) return refuse(403, 'this account is closed');
    return {
      clientId: session.user,
      capability: { 'chat:*': ['publish', 'subscribe'], [`inbox:${session.user}`]: ['subscribe'] },
      ttl: 20 * 60_000,
    };
  },
});
