import { Lies } from './lies.js';

/** A request as a stranger sends it to a token endpoint. */
export interface HostileRequest {
  readonly method: string;
  /** With `?`, or empty. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly body?: string | Uint8Array;
  /** Whether the stranger leaves before the end. */
  readonly isCut: boolean;
}

/** The names of parameters, with values that a client is likely to send. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  clientId: ['ada', 'bob', '*', 'a\nb', 'c'.repeat(1_025)],
  capability: [
    ...['{"*":["*"]}', '{"chat:a":["subscribe"]}', '{"chat:*":["*"]}', '{"chat:*":"*"}', '[*]*', '{"a":[1]}'],
    ...[
      '{"a1:*":["publish"]}',
      '{"*:b":["*"]}',
      '{"[meta]*":["*"],"[*]a":["publish"]}',
      '{"*:*":["history"]}',
      '{"[x]y":["*"],"y":["none"]}',
    ],
    JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_one, index) => [`*:b${index}`, ['*']]))),
    ...['{"[]x":["subscribe"]}', '{"1":["publish"],"0":[]}', '{"chat:*":["subscribe","publish","publish"]}'],
    JSON.stringify(
      Object.fromEntries(Array.from({ length: 257 }, (_one, index) => [`chat:${index}`, ['*']])),
    ),
    JSON.stringify({ 'chat:a': Array.from({ length: 65 }, (_one, index) => `o${index}`) }),
    JSON.stringify({ [`chat:${'a'.repeat(33_000)}`]: ['subscribe'] }),
    JSON.stringify({ [`chat:${'a:*:'.repeat(2_000)}`]: ['subscribe'] }),
    '['.repeat(5_000),
  ],
  ttl: ['60000', '7200000', '86400000', '0', '0.5', '1e3', '99999999999999999'],
  timestamp: ['1764000000000', '0'],
  nonce: ['a-nonce-of-sixteen-letters'],
  ...{ capabilty: [], ClientID: [], 'clientId[]': [], ['__proto__']: [], room: ['1'] },
};

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  origin: ['null', 'https://app.example.com', 'https://evil.example', 'x'.repeat(5_000)],
  'sec-fetch-dest': ['empty', 'script', 'document, script', 'iframe;a="b"', 'x'.repeat(5_000)],
  accept: ['text/html', '*/*', 'application/jwt', ''],
  cookie: ['a=b', `a=${'b'.repeat(4_000)}`],
  authorization: ['Bearer x', 'Basic eDp5', ''],
  'x-user': [''],
  range: ['bytes=0-0'],
  expect: ['100-continue'],
  'content-encoding': ['gzip', 'br', 'x'],
  'x-forwarded-host': ['evil.example', '][', ''],
  'x-forwarded-for': ['1.1.1.1', '::', 'x'.repeat(500)],
};

/** Patterns that cross those of a grant. */
const CROSSING: readonly object[] = [
  ...[2, 200].map((count) =>
    Object.fromEntries(Array.from({ length: count }, (_one, index) => [`*:b${index}`, ['*']])),
  ),
  { '[*][meta]log': ['publish'], '[meta]log': ['history'] },
];

const TYPES = [
  ...['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON ', 'application/json;'],
  ...['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'x'],
];

/** Requests that lie about types, lengths, depth and identity: the same ones for the same seed. */
export class HostileRequests {
  readonly #lies: Lies;

  constructor(seed: number) {
    this.#lies = new Lies(seed);
  }

  next(): HostileRequest {
    const lies = this.#lies;
    const method = lies.one([
      'GET',
      'GET',
      'GET',
      'POST',
      'POST',
      'POST',
      'POST',
      'HEAD',
      'PUT',
      'OPTIONS',
      'DELETE',
    ]);
    const headers = Object.fromEntries(
      Object.entries(HEADERS)
        .filter(() => lies.chance() < 0.1)
        .map(([name, values]) => [name, lies.one(values)]),
    );
    const query = this.#query();
    if (method !== 'POST' && method !== 'PUT') return { method, query, headers, isCut: lies.chance() < 0.02 };
    const type = lies.chance() < 0.1 ? {} : { 'content-type': lies.one(TYPES) };
    return {
      method,
      query,
      headers: { ...headers, ...type },
      body: this.#body(),
      isCut: lies.chance() < 0.05,
    };
  }

  /** A request whose patterns cross those of a grant. */
  crossing(): HostileRequest {
    const body = JSON.stringify({ capability: this.#lies.one(CROSSING) });
    return { method: 'POST', query: '', headers: { 'content-type': 'application/json' }, body, isCut: false };
  }

  #query(): string {
    const lies = this.#lies;
    if (lies.chance() < 0.3) return '';
    return `?${lies.one([() => this.#form(), () => this.#form(), () => this.#form(), () => this.#junk()])()}`;
  }

  /** Parameters as a form. */
  #form(): string {
    const lies = this.#lies;
    const fields = new URLSearchParams();
    for (const [name, likely] of Object.entries(FIELDS))
      if (lies.chance() < 0.2) fields.append(name, this.#value(likely));
    if (lies.chance() < 0.05) fields.append('clientId', 'bob');
    if (lies.chance() < 0.02) for (let count = 0; count < 257; count += 1) fields.append(`p${count}`, '');
    return fields.toString();
  }

  #value(likely: readonly string[]): string {
    const lies = this.#lies;
    return lies.one([
      ...[...likely, ...likely],
      ...['ada', '*', '60000', '9e99', '', JSON.stringify(lies.plain()), lies.text().slice(0, 5_000)],
    ]);
  }

  #junk(): string {
    const lies = this.#lies;
    return lies.one([
      ...['%', '%zz', '%00', '%ff%fe', '&&&===', '?', '=', 'a=1&a=2', `${'y'.repeat(3_000)}=1`],
      'x='.padEnd(lies.one([1_000, 7_000, 66_000]), 'x'),
      `clientId=${'c'.repeat(1_025)}`,
      Array.from({ length: 257 }, (_one, index) => `p${index}=`).join('&'),
    ]);
  }

  #body(): string | Uint8Array {
    const lies = this.#lies;
    return lies.one<() => string | Uint8Array>([
      () => this.#form(),
      () => this.#json(),
      () => this.#json(),
      () => this.#junk(),
      () => JSON.stringify(lies.plain()),
      () => '['.repeat(Math.floor(lies.chance() * 20_000)),
      () =>
        lies.one(['', '7', '"text"', '{"ttl":1.5}', '{"ttl":60000}', '{"clientId":7}', '{"capability":7}']),
      () => Uint8Array.from({ length: 64 }, () => Math.floor(lies.chance() * 256)),
      () => 'x'.repeat(lies.one([1_000, 65_536, 65_537, 200_000])),
    ])();
  }

  #json(): string {
    const lies = this.#lies;
    const whole = Object.fromEntries(
      Object.entries(FIELDS)
        .filter(() => lies.chance() < 0.2)
        .map(([name, likely]) => {
          const text = this.#value(likely);
          return [name, lies.chance() < 0.3 ? lies.plain() : lies.chance() < 0.5 ? parsedOr(text) : text];
        }),
    );
    const text = JSON.stringify(whole);
    return lies.chance() < 0.1 ? text.slice(0, Math.floor(lies.chance() * text.length)) : text;
  }
}

/** A text as the JSON that it is, where it is one. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
