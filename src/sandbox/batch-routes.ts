import { batchAnswer, counted, hasCounts, resultOf } from './batch-answer.js';
import { type ChannelServices, listed } from './channel-routes.js';
import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import { isListOfRecords, isRecord } from './record.js';
import { connectionKeyIn, messagesIn, publishByRest } from './rest-publisher.js';
import type { Route } from './routes.js';

/** The highest number of channels in one request. @see docs/api/rest-api, "batch" */
const MOST_CHANNELS = 100;

interface BatchSpec {
  readonly channels: readonly string[];
  readonly messages: readonly Message[];
}

/** The routes that publish to many channels, and read the presence of many. @see RSC22, RSC24 */
export function batchRoutes(services: ChannelServices): readonly Route[] {
  const { credentials, channels } = services;
  return [
    {
      method: 'POST',
      path: /^\/messages$/,
      fault: 'publish',
      handle: async ({ request, value }) => {
        const grant = credentials.ofRequest(request);
        const key = connectionKeyIn(request);
        const body = await value();
        const isOne = isRecord(body);
        const batches = specsIn(isOne ? [body] : body).map((spec) =>
          spec.channels.map((channel) =>
            resultOf(channel, () => publishByRest(services, grant, key, channel, spec.messages)),
          ),
        );
        if (isOne || !hasCounts(request)) return batchAnswer(request, batches.flat());
        return { status: 201, body: batches.map(counted) };
      },
    },
    {
      method: 'GET',
      path: /^\/presence$/,
      fault: 'presence',
      handle: ({ request, url, format }) => {
        const grant = credentials.ofRequest(request);
        const names = checkNames((url.searchParams.get('channels') ?? '').split(','));
        const results = names.map((channel) =>
          resultOf(channel, () => ({ channel, presence: listed(channels.present(grant, channel), format) })),
        );
        return batchAnswer(request, results, 200);
      },
    },
  ];
}

function specsIn(body: unknown): readonly BatchSpec[] {
  if (!isListOfRecords(body) || body.length === 0)
    throw new Fault(
      'invalid request body',
      'it must be an object with channels and messages, or a list of them',
    );
  const specs = body.map(({ channels, messages }) => ({
    channels: Array.isArray(channels) ? channels : [channels],
    messages: messagesIn(messages),
  }));
  checkNames(specs.flatMap(({ channels }) => (channels.length === 0 ? [''] : channels)));
  return specs;
}

function checkNames(names: readonly unknown[]): readonly string[] {
  if (names.length > MOST_CHANNELS)
    throw new Fault('too much at once', `a request names at most ${MOST_CHANNELS} channels`);
  if (names.every((name) => typeof name === 'string' && name !== '')) return names as readonly string[];
  throw new Fault('invalid request body', 'channels must be names of channels');
}
