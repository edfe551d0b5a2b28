import type { Channels } from './channels.js';
import type { Credentials } from './credentials.js';
import { Fault } from './fault.js';
import { linksOf, readHistoryQuery } from './history-query.js';
import type { Message } from './protocol.js';
import { inJson } from './published.js';
import { isListOfRecords } from './record.js';
import type { Ask, Route } from './routes.js';

export interface ChannelServices {
  readonly credentials: Credentials;
  readonly channels: Channels;
  readonly now: () => number;
}

/** The routes for messages, history, presence, time and statistics. */
export function channelRoutes({ credentials, channels, now }: ChannelServices): readonly Route[] {
  return [
    { method: 'GET', path: /^\/time$/, fault: 'time', handle: () => ({ body: [now()] }) },
    {
      method: 'GET',
      path: /^\/stats$/,
      fault: 'stats',
      handle: ({ request }) => {
        // The statistics are always empty, but the request needs valid credentials.
        credentials.ofRequest(request);
        return { body: [] };
      },
    },
    {
      method: 'POST',
      path: /^\/channels\/([^/]+)\/messages$/,
      fault: 'publish',
      handle: async ({ request, names: [name = ''], value }) => {
        const { clientId, ...grant } = credentials.ofRequest(request);
        const speaker = { grant: { ...grant, clientId }, clientId, connectionId: null };
        const messages = messagesIn(await value());
        let body: object = {};
        channels.publishAs(speaker, name, messages, (published) => {
          body = published;
        });
        return { status: 201, body };
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/([^/]+)\/(?:messages|history)$/,
      fault: 'history',
      handle: ({ request, url, names: [name = ''], format }) => {
        const query = readHistoryQuery(url.searchParams);
        const page = channels.history(credentials.ofRequest(request), name, query);
        return { body: listed(page.messages, format), headers: { link: linksOf(url, page.next) } };
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/([^/]+)\/presence$/,
      fault: 'presence',
      handle: ({ request, names: [name = ''], format }) => ({
        body: listed(channels.present(credentials.ofRequest(request), name), format),
      }),
    },
  ];
}

/** One message, or a list of messages. */
function messagesIn(body: unknown): readonly Message[] {
  const messages: unknown = Array.isArray(body) ? body : [body];
  if (isListOfRecords(messages) && messages.length > 0) return messages;
  throw new Fault('invalid request body', 'it must be a message or a list of messages');
}

const listed = (messages: readonly Message[], format: Ask['format']): readonly Message[] =>
  format === 'json' ? messages.map(inJson) : messages;
