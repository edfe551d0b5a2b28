import { beforeEach, describe, expect, it, vi } from 'vitest';

const SECRET = 'hunter2';
const LONG_SECRET = '0123456789abcdefghij0123';

/** The library as a page has it: the code for the errors of others is loaded late, or cannot be loaded. */
async function inPage({ isOnline }: { readonly isOnline: boolean }) {
  vi.resetModules();
  vi.doMock('../../../src/errors/full-redaction.node.js', () => ({ fullRedaction: () => undefined }));
  vi.doMock('../../../src/sources/failures.js', async (original) => {
    if (!isOnline) throw new TypeError('Failed to fetch dynamically imported module');
    return await original();
  });
  return await import('../../../src/index.js');
}

const failureOf = async (promise: Promise<unknown>) =>
  (await promise.then(
    () => undefined,
    (error: unknown) => error,
  )) as import('../../../src/index.js').ErrorInfo;

const thrownBy = (thrown: unknown) => ({ authCallback: () => Promise.reject(thrown) });

const answering = (status: number, body: string) => ({
  authUrl: 'https://example.com/token',
  fetch: async () => new Response(body, { status }),
});

const leak = `no ${SECRET} ${LONG_SECRET}`;

describe('a page that cannot load the code for failures', () => {
  let page: Awaited<ReturnType<typeof inPage>>;
  beforeEach(async () => {
    page = await inPage({ isOnline: false });
  });

  it.each<[what: string, options: object, expected: object]>([
    ['an answer 500', answering(500, leak), { code: 40170, statusCode: 401, reason: 'server failed' }],
    ['an answer 403', answering(403, leak), { code: 40300, statusCode: 403, reason: 'forbidden' }],
    ['an answer 401', answering(401, leak), { code: 40170, statusCode: 401, reason: 'not signed in' }],
    [
      'an error in a body',
      answering(200, JSON.stringify({ error: { message: leak } })),
      { code: 40170, statusCode: 401 },
    ],
    ['an error', thrownBy(new Error(leak)), { code: 40170, statusCode: 401, reason: 'source failed' }],
    [
      'a network error',
      { ...answering(200, ''), fetch: () => Promise.reject(new TypeError(leak)) },
      { code: 40170, statusCode: 401, reason: 'unreachable' },
    ],
    [
      'an error with the status 403',
      thrownBy(Object.assign(new Error(leak), { statusCode: 403 })),
      { code: 40300, statusCode: 403, reason: 'forbidden' },
    ],
    [
      'an error of an HTTP library with the status 403',
      thrownBy(Object.assign(new Error(leak), { status: 403 })),
      { code: 40170, statusCode: 401, reason: 'forbidden' },
    ],
    [
      'an error of an HTTP library with the response 401',
      thrownBy(Object.assign(new Error(leak), { response: { status: 401 } })),
      { code: 40100, statusCode: 401, reason: 'not signed in' },
    ],
    [
      'an error with numbers',
      thrownBy({ code: 40101, statusCode: 401, message: leak }),
      { code: 40101, statusCode: 401, reason: 'not signed in' },
    ],
    [
      'a status that is no number',
      thrownBy({ status: Symbol(leak) }),
      { code: 40170, statusCode: 401, reason: 'source failed' },
    ],
    ['a text', thrownBy(leak), { code: 40170, statusCode: 401, reason: 'source failed' }],
  ])(
    '%s: the error has code, status and reason, and no word of the source',
    async (_what, options, expected) => {
      const auth = new page.Auth({ ...options, authHeaders: { authorization: SECRET } });
      const error = await failureOf(auth.authorize());
      auth.dispose();
      expect(error).toBeInstanceOf(page.ErrorInfo);
      expect(error).toMatchObject({ ...expected, origin: 'source' });
      expect(error.message).toBe(`the token could not be obtained: ${error.reason}`);
      expect(`${error} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(/hunter2|0123/);
    },
  );

  it('the error has the object that the source threw', async () => {
    const thrown = new Error(leak);
    const auth = new page.Auth(thrownBy(thrown));
    expect((await failureOf(auth.authorize())).original).toBe(thrown);
    auth.dispose();
  });

  it('StopRenewing and an answer 401 have the same effect as ever', async () => {
    const stopped = new page.Auth(thrownBy(new page.StopRenewing(SECRET)));
    await failureOf(stopped.authorize());
    expect(stopped.state).toMatchObject({ value: 'failed', final: true });
    stopped.dispose();
    const signedOut = new page.Auth(answering(401, ''));
    await failureOf(signedOut.getToken());
    expect(signedOut.state).toMatchObject({ value: 'failed', final: false, reason: 'no user is signed in' });
    signedOut.dispose();
  });

  it('a line of the log shows no secret of the options', async () => {
    const lines: string[] = [];
    const auth = new page.Auth({
      authCallback: () => 'a token',
      authHeaders: { authorization: SECRET },
      logHandler: (line) => lines.push(line),
    });
    auth.on('authorized', () => {
      throw new Error(leak);
    });
    await auth.authorize();
    auth.dispose();
    // The line waits for the code, or for its failure.
    await new Promise((resolve) => setTimeout(resolve));
    expect(lines.join()).toBe("a listener of 'authorized' failed: object");
  });
});

describe('a page that loads the code for failures', () => {
  it('loads it while the source is first asked, and the errors say what others wrote, without secrets', async () => {
    const { Auth } = await inPage({ isOnline: true });
    const thrown = new RangeError(`the shop is closed ${LONG_SECRET}`);
    const auth = new Auth(thrownBy(thrown));
    const error = await failureOf(auth.authorize());
    auth.dispose();
    expect(error.message).toBe('the token source failed: the shop is closed […]');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.original).toBe(thrown);
  });

  it('an ErrorInfo that was made before has a cause without secrets, and a full copy afterwards', async () => {
    const { Auth, ErrorInfo } = await inPage({ isOnline: true });
    const thrown = new RangeError(`the shop is closed ${LONG_SECRET}`);
    const error = new ErrorInfo({ code: 40170, message: 'm', cause: thrown });
    expect(error.cause).toMatchObject({ message: '[…]' });
    expect(error.cause).toBe(error.cause);
    expect(`${JSON.stringify(error)} ${(error.cause as Error).stack}`).not.toContain('0123');
    expect(error.original).toBe(thrown);
    const auth = new Auth({ authCallback: () => 'a token' });
    await auth.authorize();
    auth.dispose();
    await vi.waitFor(() => expect(error.cause).toBeInstanceOf(RangeError));
    expect((error.cause as Error).stack).toMatch(/^RangeError: the shop is closed \[…\]\n +at /);
  });
});

describe('a page whose code for failures does not come', () => {
  it('waits for it for a moment only, and a refusal is final', async () => {
    vi.resetModules();
    vi.doMock('../../../src/errors/full-redaction.node.js', () => ({ fullRedaction: () => undefined }));
    vi.doMock('../../../src/sources/failures.js', () => new Promise(() => {}));
    const { Auth, StopRenewing } = await import('../../../src/index.js');
    const auth = new Auth(thrownBy(new StopRenewing(SECRET)));
    expect(await failureOf(auth.authorize())).toMatchObject({ code: 40300, reason: 'forbidden' });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    auth.dispose();
  });
});
