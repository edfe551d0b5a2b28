import { register } from 'node:module';
import { inspect } from 'node:util';
import type { ClientOptions } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { must, mustSettle, NOW, SECRET, TOKEN, WORDS } from './checks.js';
import type { Lies } from './lies.js';
import { failureOf } from './reading.js';

register('./early-modules.mjs', import.meta.url);
const inPage = async <T>(path: string): Promise<T> => (await import(`../../src/${path}?early`)) as T;
const { Auth, ErrorInfo } = await inPage<typeof import('../../src/index.js')>('index.js');
const { isOwnError, toErrorInfo } =
  await inPage<typeof import('../../src/errors/error-info.js')>('errors/error-info.js');

/** While the code for failures does not come, an error has no word of another party, and the client goes on. */
export async function early(lies: Lies): Promise<void> {
  const given = failureOf(lies);
  for (const error of [
    new ErrorInfo({ code: 40000, message: 'an error', cause: given }),
    toErrorInfo(given, { code: 40000, message: 'an error' }),
  ]) {
    const shown = [JSON.stringify(error), inspect([error, error.cause], { depth: 6 }), String(error)];
    // An ErrorInfo has its own words: they are redacted where it is made.
    if (!isOwnError(given)) mustBeWordless(shown);
  }
  const { isUrl, status, body } = {
    isUrl: lies.chance() < 0.5,
    status: lies.one([200, 302, 401, 403, 429, 500, 503]),
    body: lies.one([TOKEN, `{"error":{"code":40142,"message":"${WORDS}"}}`, '[', '{}', '']),
  };
  const fetch = async () => {
    if (lies.chance() < 0.4) throw given;
    return new Response(body, { status, headers: { 'retry-after': lies.one(['0', '99999999', 'soon']) } });
  };
  await mustEndWordless(
    lies.one(['authorize', 'getToken', 'requestToken'] as const),
    isUrl
      ? { authUrl: 'https://example.com/token', authHeaders: { 'x-pass': WORDS }, fetch }
      : { authCallback: () => Promise.reject(given), key: `app.key:${SECRET}` },
  );
}

async function mustEndWordless(
  name: 'authorize' | 'getToken' | 'requestToken',
  options: ClientOptions,
): Promise<void> {
  const clock = new VirtualClock(NOW);
  const logged: string[] = [];
  const auth = new Auth({ ...options, clock, logHandler: (text) => void logged.push(text) });
  try {
    const call = auth[name]().then(
      () => {},
      (error) => {
        must(isOwnError(error), `it failed with ${inspect(error, { depth: 0 }).slice(0, 300)}`);
        mustBeWordless([JSON.stringify(error), inspect([error, error.cause]), String(error.stack)]);
      },
    );
    await mustSettle(`${name}()`, call, clock);
    const { next } = auth.state;
    must(next?.step !== 'retry' || next.at - clock.now() <= 3_600_000, 'the next try is too late');
    mustBeWordless([JSON.stringify([auth.state, auth.explain()]), ...logged]);
  } finally {
    auth.dispose();
    must(clock.pending === 0, `${clock.pending} timers are left`);
  }
}

function mustBeWordless(texts: readonly string[]): void {
  for (const text of texts)
    for (const secret of [SECRET, TOKEN, WORDS])
      must(!text.includes(secret), `${secret} is in ${text.slice(0, 200)}`);
}
