import {
  checkNames,
  flag,
  invalidOption,
  given as optionsIn,
  record,
  wholeNumber,
} from '../checks/option-checks.js';

/** Which pages of other origins may request a token from a browser. */
export interface CorsOptions {
  /** The origins, such as `https://app.example.com` or `capacitor://localhost`. A wildcard is not allowed. */
  readonly origins: readonly string[];
  /** Whether browsers may send cookies. Default: false. */
  readonly credentials?: boolean;
  /** Names of the headers that pages may send, besides `authorization` and `content-type`. */
  readonly headers?: readonly string[];
  /** How long a browser may keep the answer to a preflight, ms. Default: ten minutes. */
  readonly maxAge?: number;
}

type HeaderRecord = Readonly<Record<string, string>>;

/** The CORS headers. Those of each origin are made once. */
export interface Cors {
  /**
   * For an answer to a page of this origin; none for a request without `origin` or of an origin that is not
   * listed.
   */
  forAnswer(origin: string | null): HeaderRecord;
  forPreflight(origin: string | null): HeaderRecord;
}

const TEN_MINUTES_MS = 600_000;
const names = ['origins', 'credentials', 'headers', 'maxAge'];

/**
 * Checks the option `cors`.
 * @throws {ErrorInfo} 40003 if it is invalid
 */
export function parseCors(cors: CorsOptions | undefined): Cors {
  if (cors === undefined) return { forAnswer: () => nothing, forPreflight: () => nothing };
  checkNames(record('cors', cors), names);
  const given = optionsIn(cors, names);
  const { origins, headers = [] } = given;
  if (!Array.isArray(origins)) throw invalidOption('cors.origins', 'a list of origins', origins);
  if (!Array.isArray(headers) || !headers.every((name) => typeof name === 'string' && HEADER.test(name))) {
    throw invalidOption('cors.headers', 'a list of header names', headers);
  }
  if (headers.join().length > LONGEST_HEADERS) {
    throw invalidOption('cors.headers', `a list of at most ${LONGEST_HEADERS} characters`, headers);
  }
  const shared = flag('cors.credentials', given.credentials)
    ? { 'access-control-allow-credentials': 'true', ...exposed }
    : exposed;
  const preflight = {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': ['authorization', 'content-type', ...headers].join(', ').toLowerCase(),
    'access-control-max-age': String(
      Math.floor((wholeNumber('cors.maxAge', given.maxAge) ?? TEN_MINUTES_MS) / 1000),
    ),
  };
  const listed = new Map(
    origins.map((origin) => [checkOrigin(origin), headersFor(origin, shared, preflight)]),
  );
  const find = (origin: string | null) => (origin === null ? undefined : listed.get(origin));
  return {
    forAnswer: (origin) => find(origin)?.answer ?? varied,
    forPreflight: (origin) => find(origin)?.preflight ?? varied,
  };
}

const nothing: HeaderRecord = {};
/** A cache must not use an answer to one origin for another origin. */
const varied: HeaderRecord = { vary: 'origin' };
const exposed: HeaderRecord = {
  'access-control-expose-headers': 'x-ably-errorcode, x-ably-errormessage, retry-after, date',
};
const OF_AN_APP = /^(?!file:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.-]+(:\d+)?$/;
const HEADER = /^[A-Za-z0-9-]+$/;

/** The longest list of headers and the longest origin: both are repeated in the headers of answers. */
const LONGEST_HEADERS = 512;
const LONGEST_ORIGIN = 300;

function headersFor(origin: string, shared: HeaderRecord, preflight: HeaderRecord) {
  const answer = { ...varied, 'access-control-allow-origin': origin, ...shared };
  return { answer, preflight: { ...answer, ...preflight } };
}

/** Whether an origin is written as browsers send it: without path, capital letters and default port. */
export function isOrigin(origin: string): boolean {
  if (origin.length > LONGEST_ORIGIN || !URL.canParse(origin) || origin.includes('*')) return false;
  const url = new URL(origin);
  // `new URL()` reports no origin for `capacitor://localhost` and `chrome-extension://…`, but their pages send one.
  return url.origin === origin || (url.origin === 'null' && OF_AN_APP.test(origin));
}

function checkOrigin(origin: unknown): string {
  if (typeof origin === 'string' && isOrigin(origin)) return origin;
  throw invalidOption(
    `cors.origins: ${JSON.stringify(origin)?.slice(0, LONGEST_ORIGIN)}`,
    'an origin such as "https://app.example.com", without path or wildcard',
    origin,
  );
}
