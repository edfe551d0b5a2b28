import { systemClock } from '../clock.js';
import { PageAccess } from '../studio/server/page-access.js';
import { Relay } from '../studio/server/relay.js';
import { startStudio } from '../studio/server/studio-server.js';
import type { Paint } from './colour.js';
import { printEntries } from './print.js';
import { BUILT } from './serve.js';

export interface AttachOptions {
  /** 0: any free port. */
  readonly port: number;
  /** The folder of the built page. */
  readonly root?: string;
  readonly print: (line: string) => void;
  readonly paint?: Paint | undefined;
}

export interface AttachedStudio {
  /** The address of the server. The page is in a folder of it. The printed addresses contain one. */
  readonly url: string;
  readonly relay: Relay;
  /** A new address, which opens the page once. */
  pageAddress(): string;
  /** The address at which a client can attach, as long as the studio runs. It is a secret. */
  attachAddress(): string;
  close(): Promise<void>;
}

/**
 * Serves the studio page for a client of another process on this machine. Prints the address of the page, and
 * the line for the program.
 *
 * @throws the system's error if the port is not available
 */
export async function serveAttached({
  port,
  root = BUILT,
  print,
  paint,
}: AttachOptions): Promise<AttachedStudio> {
  const access = new PageAccess();
  const relay = new Relay(systemClock.monotonic, (isAttached) => {
    print(isAttached ? 'A client is attached.' : 'The client is gone. Its session is kept in the page.');
  });
  const studio = await startStudio({
    link: relay,
    relay,
    access,
    root,
    port,
    opened: () => print(`The page is open. For another page: ${pageAddress()}`),
  });
  const { url } = studio;
  const pageAddress = () => `${url}${access.address()}`;
  const attachAddress = () => `${url.replace('http:', 'ws:')}${relay.path()}`;
  const mute = relay.subscribe(printEntries(print, paint));
  print(`Latchkey studio: ${pageAddress()}`);
  print('To show a client, add this to its program:');
  print("  import { attachStudio } from 'latchkey/studio';");
  print('  attachStudio(auth);');
  print('and start it with the address of this studio, for example:');
  print(`  LATCHKEY_STUDIO=${attachAddress()} node --watch app.js`);
  print('The address of the page works once. That of the studio is valid until it ends: keep it secret.');
  return {
    url,
    relay,
    pageAddress,
    attachAddress,
    async close() {
      mute();
      relay.close();
      await studio.close();
    },
  };
}
