// What an app does with the package, the same in every runtime.
import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import { tokenEndpoint } from 'latchkey/server';

/**
 * @param {object} settings where the service and the application are, a key, more options of each client, and whether
 *   the runtime has no servers
 * @param {(value: object) => object} wrap what a framework puts around a client
 * @returns {Promise<Record<string, true | string>>} for each step: true, or what went wrong
 */
export async function mainJob(
  { host, port, application, key, more = {}, isClientOnly = false },
  wrap = (value) => value,
) {
  const service = { endpoint: host, port, tls: false };
  const outcome = {};
  const step = async (name, work) => {
    try {
      outcome[name] = await work();
    } catch (error) {
      outcome[name] = `${error?.message ?? error}`;
    }
  };
  const client = async (path, options, work) => {
    const auth = wrap(new Auth({ authUrl: `${application}${path}`, ...service, ...more, ...options }));
    try {
      return await work(auth);
    } finally {
      auth.dispose();
    }
  };
  const isAda = async (auth) => {
    const { token, clientId } = await auth.authorize();
    return (token.length > 10 && clientId === 'ada') || `a token of ${clientId}`;
  };

  await step('TokenRequest', () => client('/token-request', {}, isAda));
  await step('authUrl GET', () => client('/token', {}, isAda));
  await step('authUrl POST', () => client('/token', { authMethod: 'POST' }, isAda));
  await step('renewal', () =>
    client('/token', { defaultTokenParams: { ttl: 4_000 } }, async (auth) => {
      const renewed = new Promise((resolve) => auth.on('renewed', resolve));
      const { token } = await auth.authorize();
      await renewed;
      return auth.tokenDetails.token !== token || 'the same token';
    }),
  );

  const connection = new RealtimeConnection({ ...service, ...more });
  await step('connection', () =>
    client('/token-request', { connection }, async (auth) => {
      await auth.authorize();
      const { state, id } = connection;
      await step('upgrade', async () => {
        const upgraded = new Promise((resolve) => auth.on('connection.upgrade', resolve));
        await auth.authorize({ capability: { 'chat:lobby': ['subscribe'] } });
        await upgraded;
        return (connection.id === id && connection.state === 'connected') || `became ${connection.state}`;
      });
      return (state === 'connected' && id !== undefined) || `is ${state}`;
    }),
  );
  connection.dispose();

  if (isClientOnly) return outcome;
  const grant = () => ({ clientId: 'ada', capability: { 'chat:*': ['subscribe'] } });
  const answer = async (format) => {
    const auth = new Auth({ key, useTokenAuth: true, ...service, ...more });
    const endpoint = tokenEndpoint({ auth, grant, format });
    const response = await endpoint(new Request('https://example.com/token?ttl=60000'));
    return `${response.status} ${await response.text()}`;
  };
  const facts = {
    'token-request': /^200 \{.*"mac":"/,
    token: /^200 \{.*"token":"/,
    jwt: /^200 \{.*"token":"[\w-]+\.[\w-]+\.[\w-]+"/,
  };
  for (const [format, expected] of Object.entries(facts)) {
    await step(`endpoint ${format}`, async () => {
      const text = await answer(format);
      return expected.test(text) || text;
    });
  }
  return outcome;
}
