import { FastResponse } from 'srvx';
import type { ErrorInfo } from '../errors.js';

type HeaderRecord = Readonly<Record<string, string>>;

/** A token is for one client and one moment: nobody on the way may keep it. */
const always = { 'cache-control': 'no-store' };

export function tokenAnswer(contentType: string, body: string, cors: HeaderRecord): Response {
  return new FastResponse(body, {
    status: 200,
    headers: { 'content-type': contentType, ...always, ...cors },
  });
}

/**
 * As Ably's services tell an error. Ably's SDK for Node reads the body only under exactly this content
 * type, the one for browsers only with the header.
 */
export function errorAnswer(
  { code, statusCode, message, href, retryAfterMs }: ErrorInfo,
  cors: HeaderRecord,
): Response {
  return new FastResponse(JSON.stringify({ error: { code, statusCode, message, href } }), {
    status: statusCode,
    headers: {
      'content-type': 'application/json',
      ...always,
      'x-ably-errorcode': String(code),
      'x-ably-errormessage': headerText(message),
      ...(statusCode === 405 ? { allow: 'GET, POST, OPTIONS' } : {}),
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...cors,
    },
  });
}

export function preflightAnswer(cors: HeaderRecord): Response {
  return new FastResponse(null, { status: 204, headers: { allow: 'GET, POST, OPTIONS', ...cors } });
}

/** A header holds one line of plain letters. */
function headerText(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, '?');
}
