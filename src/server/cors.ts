import {
  checkNames,
  flag,
  invalidOption,
  given as optionsIn,
  record,
  wholeNumber,
} from '../checks/option-checks.js';

/** Which pages of other origins may ask, from a browser. */
export interface CorsOptions {
  /** Their origins, such as `https://app.example.com` or `capacitor://localhost`; a wildcard there is none. */
  readonly origins: readonly string[];
  /** Whether cookies may come along. Default: no. */
  readonly credentials?: boolean;
  /** Names of headers they may send, besides `authorization` and `content-type`. */
  readonly headers?: readonly string[];
  /** How long a browser may remember that, ms. Default: ten minutes. */
  readonly maxAge?: number;
}

type HeaderRecord = Readonly<Record<string, string>>;

/** The headers that tell a browser what it may do; those of each origin are made once. */
export interface Cors {
  /** For an answer to a page of this origin; without `origin`, or for one that is not listed, none. */
  forAnswer(origin: string | null): HeaderRecord;
  forPreflight(origin: string | null): HeaderRecord;
}

const TEN_MINUTES_MS = 600_000;
const names = ['origins', 'credentials', 'headers', 'maxAge'];

/** @throws {ErrorInfo} 40003 for what is no list of origins */
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
    throw invalidOption('cors.headers', `a list of at most ${LONGEST_HEADERS} letters`, headers);
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
/** A cache must not give one origin the answer to another. */
const varied: HeaderRecord = { vary: 'origin' };
const exposed: HeaderRecord = {
  'access-control-expose-headers': 'x-ably-errorcode, x-ably-errormessage, retry-after, date',
};
const OF_AN_APP = /^(?!file:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.-]+(:\d+)?$/;
const HEADER = /^[A-Za-z0-9-]+$/;

/** Both are repeated in headers of answers. */
const LONGEST_HEADERS = 512;
const LONGEST_ORIGIN = 300;

function headersFor(origin: string, shared: HeaderRecord, preflight: HeaderRecord) {
  const answer = { ...varied, 'access-control-allow-origin': origin, ...shared };
  return { answer, preflight: { ...answer, ...preflight } };
}

/** Exactly as browsers send it: no path, no capital letters, no default port. */
function checkOrigin(origin: unknown): string {
  if (
    typeof origin === 'string' &&
    origin.length <= LONGEST_ORIGIN &&
    URL.canParse(origin) &&
    !origin.includes('*')
  ) {
    const url = new URL(origin);
    // To the platform, `capacitor://localhost` and `chrome-extension://…` have no origin; their pages send one.
    if (url.origin === origin || (url.origin === 'null' && OF_AN_APP.test(origin))) return origin;
  }
  throw invalidOption(
    `cors.origins: ${JSON.stringify(origin)?.slice(0, LONGEST_ORIGIN)}`,
    'an origin such as "https://app.example.com", without path or wildcard',
    origin,
  );
}
