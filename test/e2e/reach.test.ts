import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import { systemClock } from '../../src/clock.js';
import { selfSigned } from '../kit/self-signed.js';

const servers = new Set<Server>();
afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

async function portOf(server: Server): Promise<number> {
  servers.add(server);
  server.on('connection', (socket) => socket.on('error', () => {}).unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const listening = async (answer: RequestListener): Promise<string> =>
  `127.0.0.1:${await portOf(createServer(answer))}`;

/** A port at which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createTcpServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command. @param enough the command is stopped when its output has this */
async function said(args: readonly string[], enough?: RegExp): Promise<Said> {
  let [out, err] = ['', ''];
  const stop = new AbortController();
  const code = await run(args, '1.2.3', {
    out: (line) => {
      out += `${line}\n`;
      if (enough?.test(out)) stop.abort();
    },
    err: (line) => {
      err += `${line}\n`;
    },
    env: {},
    stdin: async () => null,
    clock: systemClock,
    fetch: (input, init) => globalThis.fetch(input, init),
    signal: stop.signal,
  });
  return { code, out, err };
}

/** The lines below the first failure. */
const EXPLAINED = /\n +→ .+\n/;

const token = () => {
  const issued = Date.now();
  return JSON.stringify({ token: 'appId.a-token-0123456789', issued, expires: issued + 60_000 });
};

const html: RequestListener = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>Sign in</h1>');

/** What can be at an address in place of an endpoint, and what the commands say of it. */
const kinds: readonly (readonly [
  title: string,
  at: () => Promise<string>,
  observed: RegExp,
  remedy: RegExp,
])[] = [
  [
    'a port at which nothing listens',
    async () => `http://127.0.0.1:${await deadPort()}/t`,
    /127\.0\.0\.1:\d+ refuses connections: nothing listens there \(ECONNREFUSED\)/,
    /Start the server, or correct the port/,
  ],
  [
    'a host that does not exist',
    async () => 'http://no-such-host.invalid/t',
    /(there is no host no-such-host\.invalid|no-such-host\.invalid cannot be looked up): DNS does not/,
    /Correct the name of the host/,
  ],
  [
    'a server that hangs up',
    async () => `http://127.0.0.1:${await portOf(createTcpServer((socket) => socket.destroy()))}/t`,
    /127\.0\.0\.1:\d+ closes the connection without an answer/,
    /Read the log of the server/,
  ],
  [
    'a server of another protocol',
    async () =>
      `http://127.0.0.1:${await portOf(createTcpServer((socket) => socket.write('220 smtp\r\n')))}/t`,
    /what answers at 127\.0\.0\.1:\d+ does not use HTTP \(HPE_/,
    /Correct the port/,
  ],
  [
    'a server without TLS at an https address',
    async () => `https://${await listening(html)}/t`,
    /127\.0\.0\.1:\d+ does not use TLS \(ERR_SSL_/,
    /Use http:/,
  ],
  [
    'a certificate that is signed by itself',
    async () => `https://127.0.0.1:${await portOf(createSecureServer(selfSigned('127.0.0.1'), html))}/t`,
    /the TLS certificate of 127\.0\.0\.1:\d+ is signed by itself \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    'a port that fetch does not use',
    async () => 'http://127.0.0.1:6667/t',
    /127\.0\.0\.1:6667 is not asked/,
    /Use another port/,
  ],
];

/** The same for what answers, but not with a token. */
const answers: readonly (readonly [
  title: string,
  answer: RequestListener,
  observed: RegExp,
  remedy: RegExp,
])[] = [
  [
    'a page',
    html,
    /http:\/\/127\.0\.0\.1:\d+\/t answers with a page \(text\/html\)/,
    /perhaps the sign-in page/,
  ],
  [
    'a wrong path',
    (_request, response) => void response.writeHead(404).end('no'),
    /http:\/\/127\.0\.0\.1:\d+\/t answers 404/,
    /Check the path/,
  ],
  [
    'an error of the server',
    (_request, response) =>
      void response.writeHead(502, { 'content-type': 'text/html' }).end('<b>gateway</b>'),
    /http:\/\/127\.0\.0\.1:\d+\/t answers 502 with a page/,
    /Read the log of the server/,
  ],
  [
    'a redirect to another origin',
    (_request, response) => void response.writeHead(302, { location: 'http://localhost:1/x?hush=1' }).end(),
    /http:\/\/127\.0\.0\.1:\d+\/t redirects to http:\/\/localhost:1\/x \(302\)/,
    /Use the final address/,
  ],
  [
    'JSON of something else',
    (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":1}'),
    /http:\/\/127\.0\.0\.1:\d+\/t answers 200, but without a token/,
    /latchkey doctor http:\/\/127\.0\.0\.1:\d+\/t/,
  ],
  [
    'an answer that breaks off',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"token":');
      setTimeout(() => response.destroy(), 20);
    },
    /http:\/\/127\.0\.0\.1:\d+\/t breaks off in the middle of its answer/,
    /Read the log of the server/,
  ],
];

describe('latchkey watch', () => {
  it.each(kinds)('the command names the address and the cause: %s', async (_title, at, observed, remedy) => {
    const { code, out, err } = await said(['watch', `${await at()}?hush=1`], EXPLAINED);
    expect(out).toMatch(observed);
    expect(out).toMatch(new RegExp(`→ .*${remedy.source}`));
    expect(out).not.toContain('hush');
    expect([code, err]).toEqual([0, '']);
  });

  it.each(answers)(
    'the command names the address and the answer: %s',
    async (_title, answer, observed, remedy) => {
      const { code, out, err } = await said(
        ['watch', `http://${await listening(answer)}/t?hush=1`],
        EXPLAINED,
      );
      expect(out).toMatch(observed);
      expect(out).toMatch(new RegExp(`→ .*${remedy.source}`));
      expect(out).not.toContain('hush');
      expect([code, err]).toEqual([0, '']);
    },
  );

  it('the same failure is explained once, and again at the end, when there never was a token', async () => {
    const port = await deadPort();
    const { code, out, err } = await said(['watch', `http://127.0.0.1:${port}/t?hush=1`, '--for', '5s']);
    expect(out.match(/Failed: /g)?.length).toBeGreaterThan(1);
    expect(out.match(/ECONNREFUSED/g)).toHaveLength(1);
    expect(err).toBe(
      `error: there was no token within 5 s: 127.0.0.1:${port} refuses connections: nothing listens there (ECONNREFUSED)\n  Start the server, or correct the port.\n`,
    );
    expect(code).toBe(1);
  });

  it('the command says that an endpoint has not answered yet', async () => {
    const address = await listening(() => {});
    const { code, err } = await said(['watch', `http://${address}/t`, '--for', '2s']);
    expect(err).toMatch(
      new RegExp(
        `^error: there was no token within 2 s: http://${address}/t has not answered for [\\d.]+ m?s\n`,
      ),
    );
    expect(code).toBe(1);
  });

  it('with --json the explanation is a field of the event', async () => {
    const url = `http://127.0.0.1:${await deadPort()}/t`;
    const { out } = await said(['watch', url, '--json'], /"failed"/);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.find(({ event }) => event === 'failed')).toMatchObject({
      why: { observed: expect.stringContaining('refuses connections'), remedy: expect.any(String) },
    });
  });

  it('a service that cannot be reached is named, not the endpoint that gave the token', async () => {
    const url = `http://${await listening((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(token()))}/t`;
    const dead = await deadPort();
    const place = ['--endpoint', '127.0.0.1', '--port', String(dead), '--no-tls'];
    const { code, out, err } = await said(['watch', url, '--for', '3s', ...place]);
    expect(out).toContain(`127.0.0.1:${dead} refuses connections: nothing listens there`);
    expect(err).toContain(`there was no token within 3 s: 127.0.0.1:${dead} refuses connections`);
    expect(code).toBe(1);
  });
});

describe('latchkey doctor', () => {
  it.each(kinds)('the command names the address and the cause: %s', async (_title, at, observed, remedy) => {
    const { code, out } = await said(['doctor', `${await at()}?hush=1`]);
    expect(out).toMatch(new RegExp(`FAIL {2}reachable {2}${observed.source}`));
    expect(out).toMatch(remedy);
    expect(out).not.toContain('hush');
    expect(code).toBe(3);
  });
});
