import type { Credentials } from './credentials.js';
import { linksOf, presencePage, readHistoryQuery } from './history-query.js';
import type { Message } from './protocol.js';
import { inJson } from './published.js';
import { connectionKeyIn, messagesIn, type PublishServices, publishByRest } from './rest-publisher.js';
import type { Ask, Route } from './routes.js';

export interface ChannelServices extends PublishServices {
  readonly credentials: Credentials;
  readonly now: () => number;
}

/** The routes for the time, and for the messages, history, presence and state of a channel. */
export function channelRoutes(services: ChannelServices): readonly Route[] {
  const { credentials, channels, now } = services;
  return [
    { method: 'GET', path: /^\/time$/, fault: 'time', handle: () => ({ body: [now()] }) },
    {
      method: 'POST',
      path: /^\/channels\/([^/]+)\/messages$/,
      fault: 'publish',
      handle: async ({ request, names: [name = ''], value }) => {
        const grant = credentials.ofRequest(request);
        const messages = messagesIn(await value());
        const body = publishByRest(services, grant, connectionKeyIn(request), name, messages);
        return { status: 201, body };
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/([^/]+)\/(?:messages|history)$/,
      fault: 'history',
      handle: ({ request, url, names: [name = ''], format }) => {
        const grant = credentials.ofRequest(request);
        const page = channels.history(grant, name, readHistoryQuery(url.searchParams));
        return { body: listed(page.messages, format), headers: { link: linksOf(url, page.next) } };
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/([^/]+)\/presence$/,
      fault: 'presence',
      handle: ({ request, url, names: [name = ''], format }) => {
        const all = channels.present(credentials.ofRequest(request), name);
        const { members, next } = presencePage(all, url.searchParams);
        return { body: listed(members, format), headers: { link: linksOf(url, next) } };
      },
    },
    {
      method: 'GET',
      path: /^\/channels\/([^/]+)$/,
      fault: 'rest',
      handle: ({ request, names: [name = ''] }) => ({
        body: channels.details(credentials.ofRequest(request), name),
      }),
    },
  ];
}

export const listed = (messages: readonly Message[], format: Ask['format']): readonly Message[] =>
  format === 'json' ? messages.map(inJson) : messages;
