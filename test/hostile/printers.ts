import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import {
  createStackParser,
  createTransport,
  eventFromMessage,
  eventFromUnknownInput,
  extraErrorDataIntegration,
  linkedErrorsIntegration,
} from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import pino from 'pino';
import winston from 'winston';

const everything = {
  depth: process.env.WHOLE === '1' ? 8 : 4,
  showHidden: true,
  getters: true,
  maxArrayLength: null,
  maxStringLength: null,
} as const;

/** A stream, and what was written to it. */
function sink(): { readonly stream: Writable; read(): string } {
  const parts: string[] = [];
  const stream = new Writable({
    write(part, _encoding, done) {
      parts.push(String(part));
      done();
    },
  });
  return { stream, read: () => parts.join('') };
}

/** All that a function can clone of a value: the value itself, or its fields one by one. */
function cloned(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.values(value).map((part) => {
      try {
        return structuredClone(part as unknown);
      } catch {
        return undefined;
      }
    });
  }
}

function sentry(value: unknown): string {
  const sent: string[] = [];
  const transport = () =>
    createTransport({ recordDroppedEvent: () => {} }, async ({ body }) => {
      sent.push(typeof body === 'string' ? body : Buffer.from(body).toString());
      return {};
    });
  const stackParser = createStackParser(nodeStackLineParser());
  const client = new ServerRuntimeClient({
    dsn: 'https://public@sentry.example.com/1',
    integrations: [linkedErrorsIntegration(), extraErrorDataIntegration({ depth: 12 })],
    normalizeDepth: 12,
    stackParser,
    transport,
  });
  client.init();
  client.captureException(value, { data: { extra: value } });
  client.captureMessage('a message', 'error', { data: { extra: value } });
  const built = [
    eventFromUnknownInput(client, stackParser, value, { data: { value } }),
    eventFromMessage(stackParser, inspect(value), 'error', { data: { value } }, true),
  ];
  return [...sent, JSON.stringify(built), inspect(built, everything)].join('\n');
}

/** Ways to print a value, as applications do. */
export const printers: Readonly<Record<string, (value: unknown) => string>> = {
  pino: (given) => {
    const value = given as object;
    const { stream, read } = sink();
    const log = pino({ level: 'trace' }, stream);
    log.error(value, 'a message');
    log.error({ err: value, error: value, value, list: [value] }, 'a message %o %j', value, value);
    log.child({ value }).info('a message');
    return read();
  },
  winston: (value) => {
    const { errors, json, prettyPrint, simple, combine, splat } = winston.format;
    return [json(), prettyPrint({ depth: 20 }), simple()]
      .map((format) => {
        const { stream, read } = sink();
        const log = winston.createLogger({
          level: 'silly',
          format: combine(errors({ stack: true, cause: true }), splat(), format),
          transports: [new winston.transports.Stream({ stream })],
        });
        log.error(value as Error);
        log.error('a message', value);
        log.error('a message %o', value);
        log.info({ message: 'a message', value });
        return read();
      })
      .join('\n');
  },
  console: (value) => {
    const { stream, read } = sink();
    const own = new Console({ stdout: stream, stderr: stream, inspectOptions: { depth: 8 } });
    own.log(value);
    own.error('a message', { value });
    own.log('%s %o %O %j', value, value, value, value);
    own.dir(value, everything);
    own.table([value]);
    own.trace(value);
    return read();
  },
  'util.inspect with everything shown': (value) =>
    [inspect(value, everything), inspect({ value }, { ...everything, customInspect: false })].join('\n'),
  structuredClone: (value) => {
    const copy = cloned(value);
    return [inspect(copy, everything), JSON.stringify(copy)].join('\n');
  },
  JSON: (value) => [JSON.stringify(value), JSON.stringify([{ value }], null, 2)].join('\n'),
  'a text': (value) => `${String(value)} ${(value as Partial<Error> | undefined)?.stack ?? ''}`,
  "Sentry's event builder": sentry,
};
