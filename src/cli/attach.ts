import { systemClock } from '../clock.js';
import { PageAccess } from '../studio/server/page-access.js';
import { Relay } from '../studio/server/relay.js';
import { startStudio } from '../studio/server/studio-server.js';
import { printTold } from './print.js';
import { BUILT } from './serve.js';

export interface AttachOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Where the page was built into. */
  readonly root?: string;
  readonly print: (line: string) => void;
}

export interface AttachedStudio {
  /** Without a token: what is printed has one. */
  readonly url: string;
  readonly relay: Relay;
  /** An address that opens the page once. */
  pageAddress(): string;
  /** An address where a client can be attached once. */
  attachAddress(): string;
  close(): Promise<void>;
}

/**
 * The studio page for a client of another process, on this machine: prints where to open it, and what to
 * write into the program.
 *
 * @throws the system's error when the port cannot be had
 */
export async function serveAttached({ port, root = BUILT, print }: AttachOptions): Promise<AttachedStudio> {
  const access = new PageAccess();
  const relay = new Relay(systemClock.monotonic, (isAttached) => {
    print(isAttached ? 'A client is attached.' : 'The client is gone. For the next one:');
    if (!isAttached) print(`  attachStudio(auth, '${attachAddress()}');`);
  });
  const studio = await startStudio({
    link: relay,
    relay,
    access,
    root,
    port,
    opened: () => print(`The page is open. For another one: ${pageAddress()}`),
  });
  const { url } = studio;
  const pageAddress = () => `${url}/${access.query()}`;
  const attachAddress = () => `${url.replace('http:', 'ws:')}${relay.path()}`;
  const mute = relay.subscribe(printTold(print));
  print(`Latchkey studio: ${pageAddress()}`);
  print('To see a client in it, write into its program:');
  print("  import { attachStudio } from 'latchkey/studio';");
  print(`  attachStudio(auth, '${attachAddress()}');`);
  print('Each of these addresses works once.');
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
