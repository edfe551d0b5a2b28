import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';

/**
 * A client as a user would make it, under the attack of this number.
 *
 * @returns `lived`, where it is authorized after all
 */
export async function liveThrough(port: number, number: number): Promise<string> {
  const connection = new RealtimeConnection({
    endpoint: '127.0.0.1',
    port,
    tls: false,
    fallbackHosts: [],
    disconnectedRetryTimeout: 20,
    suspendedRetryTimeout: 20,
    transportParams: { number },
  });
  const auth = new Auth({ authCallback: async () => `token-${number}-${Math.random()}`, connection });
  let lived = 'not authorized';
  // The attack may fail the connection, and the call that is running.
  for (let tries = 1; lived !== 'lived' && tries <= 5; tries += 1) {
    await auth.authorize().then(
      () => {
        lived = tries > 1 ? 'lived' : 'not asked twice';
      },
      () => {},
    );
  }
  const outcome = `${number} ${lived} ${connection.state}`;
  auth.dispose();
  connection.dispose();
  return outcome;
}
