import type { Command } from 'commander';
import { serveAttached } from '../attach.js';
import { runCheck } from '../check.js';
import { type Paint, plain } from '../colour.js';
import { usual } from '../demo-client.js';
import { type ExitCode, exitCodes, Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { portFrom } from '../port.js';
import { type StudioDemo, serveStudio } from '../serve.js';
import { placeLines } from '../service-place.js';
import { onPort, stopped } from './serving.js';

interface DevFlags {
  readonly port: string;
  readonly check?: boolean;
  readonly attach?: boolean;
  readonly json?: boolean;
}

export function addDev(program: Command, io: Io, end: (code: ExitCode) => void): void {
  program
    .command('dev')
    .description('start an Ably-compatible service, a client, and a page that shows the client')
    .option('--port <port>', 'the port of the page; 0 for any free port', '4820')
    .option('--check', 'run all steps once without the page, and print the observed values as JSON')
    .option('--attach', 'serve only the page, for a client in your own program')
    .option('--json', 'print only the address as JSON; with --attach both addresses')
    .action(async ({ port, check, attach, json = false }: DevFlags) => {
      const listenOn = portFrom(port, 0);
      if (check && attach) {
        throw new Misuse('--check and --attach must not be used together', 'Use one of them.');
      }
      if (check) {
        const report = await runCheck();
        io.out(JSON.stringify(report, null, json ? undefined : 2));
        if (!report.ok) end(exitCodes.failed);
        return;
      }
      if (attach) {
        const print = json ? () => {} : io.out;
        const page = await onPort(listenOn, (free) => serveAttached({ port: free, print, paint: io.paint }));
        if (json) io.out(JSON.stringify({ url: page.pageAddress(), attach: page.attachAddress() }));
        await stopped(io);
        await page.close();
        return;
      }
      const studio = await serve(listenOn, json ? () => {} : (line) => io.out(line), io.paint);
      const { url, demo } = studio;
      io.out(
        json
          ? JSON.stringify({ url, sandbox: demo.place() })
          : [
              `Latchkey studio: ${(io.paint ?? plain)('strong', url)}`,
              ...placeLines(demo.place()),
              'Press Ctrl+C to stop.\n',
            ].join('\n'),
      );
      await studio.recorder.perform('authorize');
      await stopped(io);
      await studio.close();
    });
}

const serve = (port: number, print: (line: string) => void, paint: Paint | undefined): Promise<StudioDemo> =>
  onPort(port, (free) => serveStudio({ port: free, ...usual, print, paint }));
