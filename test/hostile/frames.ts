import { seededChance } from '../../src/chance.js';

/** A frame as a hostile server sends it: a text, or bytes. */
export type Frame = string | Buffer;

/** Texts in place of a name or a message. */
const TEXTS = ['', 'x', '\u0000', '\ud800', '__proto__', 'constructor', 'null', '1e999', 'ä'.repeat(300)];

const NUMBERS = ['0', '-0', '-1', '0.5', '1e308', '1e999', '-1e999', '9007199254740993', '9'.repeat(400)];

const FIELDS = [
  ...['action', 'id', 'channel', 'error', 'auth', 'messages', 'presence', 'connectionId', 'connectionKey'],
  ...['connectionDetails', 'connectionSerial', 'msgSerial', 'count', 'timestamp', 'flags', 'params', 'res'],
  ...['__proto__', 'constructor', 'toString', 'then'],
];

const DETAILS = [
  ...['clientId', 'connectionKey', 'maxMessageSize', 'maxInboundRate', 'maxFrameSize', 'serverId'],
  ...['connectionStateTtl', 'maxIdleInterval', 'siteCode', '__proto__'],
];

const ERROR_FIELDS = ['code', 'statusCode', 'message', 'cause', 'href', 'detail', 'requestId', '__proto__'];

/** Frames that lie about types, lengths and depth: the same ones for the same seed. */
export class HostileFrames {
  readonly #chance: () => number;

  constructor(seed: number) {
    this.#chance = seededChance(seed);
  }

  next(): Frame {
    return this.#one<() => Frame>([
      ...Array.from({ length: 6 }, () => () => this.#message()),
      ...Array.from({ length: 3 }, () => () => this.#failure()),
      () => this.#cut(),
      () => this.#junk(3),
      () => this.#long(),
      () => this.#deep(),
      () => this.#bytes(),
    ])();
  }

  /** An object of the protocol whose fields are of any type. */
  #message(): string {
    const fields = FIELDS.filter(() => this.#chance() < 0.3).map((name) => this.#field(name));
    return `{${[`"action":${this.#action()}`, ...fields].join(',')}}`;
  }

  /** CONNECTED, DISCONNECTED, CLOSED, ERROR or AUTH, with an error whose parts are of any type. */
  #failure(): string {
    const parts = ERROR_FIELDS.filter(() => this.#chance() < 0.6).map((name) => {
      if (name === 'code') return `"code":${this.#one(['40142', '40300', '50000', '80003', this.#value(1)])}`;
      if (name === 'statusCode') return `"statusCode":${this.#one(['401', '403', '500', this.#value(1)])}`;
      return `"${name}":${this.#value(2)}`;
    });
    return `{"action":${this.#one(['4', '6', '8', '9', '17'])},"error":{${parts.join(',')}}}`;
  }

  #field(name: string): string {
    if (name !== 'connectionDetails' || this.#chance() < 0.3) return `"${name}":${this.#value(3)}`;
    const details = DETAILS.filter(() => this.#chance() < 0.5).map((one) => `"${one}":${this.#value(1)}`);
    return `"${name}":{${details.join(',')}}`;
  }

  #action(): string {
    return this.#chance() < 0.8 ? String(Math.floor(this.#chance() * 24)) : this.#value(1);
  }

  /** Any JSON, written by hand: numbers that JavaScript cannot represent, names that change prototypes. */
  #value(depth: number): string {
    const leaves = [
      () => this.#one(NUMBERS),
      () => JSON.stringify(this.#one(TEXTS)),
      () => this.#one(['null', 'true', 'false', '[]', '{}']),
      () => '{"toString":0,"valueOf":0,"toJSON":1}',
    ];
    const nested = [
      () => `[${Array.from({ length: this.#upTo(4) }, () => this.#value(depth - 1)).join(',')}]`,
      () => `{${Array.from({ length: this.#upTo(4) }, () => this.#member(depth)).join(',')}}`,
    ];
    return this.#one(depth > 0 ? [...leaves, ...nested] : leaves)();
  }

  #member(depth: number): string {
    return `${JSON.stringify(this.#one([...TEXTS, ...FIELDS, ...ERROR_FIELDS]))}:${this.#value(depth - 1)}`;
  }

  /** A message that ends too early. */
  #cut(): string {
    const whole = this.#message();
    return whole.slice(0, this.#upTo(whole.length));
  }

  #junk(depth: number): string {
    return this.#one([this.#value(depth), this.#one(TEXTS), '<html>502</html>', '{"action":4}{"action":9}']);
  }

  /** A long text, from 1 KB to 1 MB, in a place that is read. */
  #long(): string {
    const text = this.#one(['a', 'Abc', '/a', 'aB/', '\\u0000']).repeat(2 ** (8 + this.#upTo(9)));
    return this.#one([
      `{"action":9,"error":{"code":50000,"statusCode":500,"message":"${text}"}}`,
      `{"action":4,"connectionId":"${text}"}`,
      `{"action":6,"error":{"code":80003,"statusCode":400,"message":"m","href":"http://${text}"}}`,
      `{"action":15,"channel":"${text}"}`,
      text,
    ]);
  }

  #deep(): string {
    const depth = 2 ** this.#upTo(17);
    return this.#one([
      '['.repeat(depth),
      `{"action":15,"messages":${'['.repeat(depth)}${']'.repeat(depth)}}`,
      `${'{"cause":'.repeat(depth)}1${'}'.repeat(depth)}`,
      `{"action":6,"error":${'{"code":1,"statusCode":1,"cause":'.repeat(depth % 2_000)}null${'}'.repeat(depth % 2_000)}}`,
    ]);
  }

  #bytes(): Buffer {
    if (this.#chance() < 0.5) return Buffer.from(this.#message());
    const random = Buffer.from(Array.from({ length: 16 }, () => this.#upTo(256)));
    return Buffer.alloc(this.#one([0, 1, 16, 1_024, 65_536, 600_000]), random);
  }

  #upTo(end: number): number {
    return Math.floor(this.#chance() * end);
  }

  #one<T>(all: readonly T[]): T {
    return all[this.#upTo(all.length)] as T;
  }
}
