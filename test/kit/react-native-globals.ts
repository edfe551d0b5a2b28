/**
 * What React Native has for the platform's globals, with the gaps of its version 0.72, after its sources
 * (Libraries/Blob/URL.js) and those of the packages it has the rest from (whatwg-fetch, abort-controller). To be
 * run in a context with nothing but the language. The real modules run in `npm run runtimes`.
 */

/** The part of React Native that is no JavaScript: redirects are followed in there. */
type NativeRequest = (request: {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}) => Promise<{
  readonly status: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}>;

interface Given {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly cache?: string;
  readonly signal?: Signal;
}

const native = Reflect.get(globalThis, 'nativeRequest') as NativeRequest;
const missing = (): never => {
  throw new Error('not implemented');
};

class Params {
  readonly #pairs: [string, string][] = [];

  constructor(given?: unknown) {
    if (typeof given === 'object' && given !== null) this.#pairs.push(...Object.entries(given));
  }

  append(name: string, value: string): void {
    this.#pairs.push([name, value]);
  }

  get = missing;
  has = missing;
  keys = missing;
  entries = missing;

  toString(): string {
    return this.#pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  }
}

class Address {
  #text: string;

  constructor(text: string, base?: string | Address) {
    this.#text = base === undefined ? text : `${String(base).replace(/\/$/, '')}/${text.replace(/^\//, '')}`;
    if (!this.#text.endsWith('/')) this.#text += '/';
  }

  get host(): string {
    return missing();
  }

  get origin(): string {
    return missing();
  }

  get protocol(): string {
    return missing();
  }

  get search(): string {
    return missing();
  }

  get href(): string {
    return this.#text;
  }

  get searchParams(): Params {
    return new Params();
  }

  toString(): string {
    return this.#text;
  }
}

class HeaderMap {
  readonly #all = new Map<string, string>();

  constructor(given: HeaderMap | Readonly<Record<string, string>> = {}) {
    const all = given instanceof HeaderMap ? given.#all : Object.entries(given);
    for (const [name, value] of all) this.set(name, value);
  }

  get(name: string): string | null {
    return this.#all.get(name.toLowerCase()) ?? null;
  }

  set(name: string, value: string): void {
    this.#all.set(name.toLowerCase(), String(value));
  }

  forEach(call: (value: string, name: string) => void): void {
    this.#all.forEach(call);
  }
}

class Signal {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }

  fire(): void {
    this.aborted = true;
    for (const listener of [...this.#listeners]) listener();
  }
}

class Controller {
  readonly signal = new Signal();

  abort(): void {
    if (!this.signal.aborted) this.signal.fire();
  }
}

class Question {
  readonly url: string;
  readonly method: string;
  readonly headers: HeaderMap;
  readonly signal: Signal;
  readonly given: unknown;

  constructor(input: unknown, init: Given = {}) {
    const from = input instanceof Question ? input : undefined;
    this.method = (init.method ?? from?.method ?? 'GET').toUpperCase();
    this.headers = new HeaderMap(init.headers ?? from?.headers);
    this.signal = init.signal ?? from?.signal ?? new Signal();
    this.given = init.body ?? from?.given;
    const url = from?.url ?? String(input);
    const isAsking = this.method === 'GET' && init.cache === 'no-store';
    this.url = isAsking ? `${url}${url.includes('?') ? '&' : '?'}_=by-fetch` : url;
  }

  clone(): Question {
    return new Question(this);
  }

  text(): Promise<string> {
    return Promise.resolve(this.given === undefined ? '' : String(this.given));
  }

  arrayBuffer(): Promise<never> {
    return Promise.reject(new Error('FileReader.readAsArrayBuffer is not implemented'));
  }
}

class Answer {
  readonly type = 'default';
  readonly ok: boolean;
  readonly headers: HeaderMap;

  readonly status: number;
  readonly url: string;
  readonly content: string;

  constructor(status: number, url: string, headers: Readonly<Record<string, string>>, content: string) {
    this.status = status;
    this.url = url;
    this.content = content;
    this.ok = status >= 200 && status < 300;
    this.headers = new HeaderMap(headers);
  }

  text(): Promise<string> {
    return Promise.resolve(this.content);
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.content);
  }

  clone(): Answer {
    return this;
  }
}

function ask(input: unknown, init?: Given): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { url, method, headers, signal, given } = new Question(input, init);
    const sent: Record<string, string> = {};
    headers.forEach((value, name) => {
      sent[name] = value;
    });
    const isText = typeof given === 'string';
    if (isText && sent['content-type'] === undefined) sent['content-type'] = 'text/plain;charset=UTF-8';
    const stop = () => reject(Object.assign(new Error('Aborted'), { name: 'AbortError' }));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    const body = isText ? given : given instanceof Params ? String(given) : undefined;
    native({ url, method, headers: sent, body }).then(
      ({ status, url: from, headers: told, text }) => resolve(new Answer(status, from, told, text)),
      () => reject(new TypeError('Network request failed')),
    );
  });
}

Object.assign(globalThis, {
  URL: Address,
  URLSearchParams: Params,
  Headers: HeaderMap,
  Request: Question,
  Response: Answer,
  AbortSignal: Signal,
  AbortController: Controller,
  fetch: ask,
});
