import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';

/**
 * A program as a user would write it, once for each frame that its server sends: says `lived` when it is
 * authorized after all.
 */
// Whether a wait holds the process is another matter.
const hold = setInterval(() => {}, 1_000);
const [port, cases] = process.argv.slice(2).map(Number);

for (let number = 0; number < (cases ?? 0); number += 1) {
  const connection = new RealtimeConnection({
    endpoint: '127.0.0.1',
    port: port ?? 0,
    tls: false,
    fallbackHosts: [],
    disconnectedRetryTimeout: 20,
    suspendedRetryTimeout: 20,
    transportParams: { number },
  });
  const auth = new Auth({ authCallback: async () => `token-${number}-${Math.random()}`, connection });
  let [lived, tries] = ['not authorized', 0];
  // What it receives first may fail the connection, and the call under way with it.
  while (lived !== 'lived' && tries < 5) {
    tries += 1;
    await auth.authorize().then(
      () => {
        lived = tries > 1 ? 'lived' : 'not asked twice';
      },
      () => {},
    );
  }
  console.log(`${number} ${lived} ${connection.state}`);
  auth.dispose();
  connection.dispose();
}
clearInterval(hold);
