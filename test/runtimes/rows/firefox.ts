import { spawn } from 'node:child_process';
import { build } from 'esbuild';
import { settingsOf } from '../browser.js';
import { Project } from '../project.js';
import { receiver } from '../receiver.js';
import { Absent, type Row } from '../row.js';

const program = process.env.FIREFOX_PATH ?? 'firefox-esr';

/** No program can look into it: its page sends what became of the job. */
export const firefoxRows: readonly Row[] = [
  {
    name: 'Firefox, a page',
    isShort: false,
    run: async (service) => {
      const project = await Project.make();
      const version = await project.run(program, ['--version']).catch(() => {
        throw new Absent('install it with `apt-get install firefox-esr`, or set FIREFOX_PATH');
      });
      await build({
        entryPoints: [project.path('page.js')],
        outdir: project.path('site'),
        bundle: true,
        splitting: true,
        format: 'esm',
        logLevel: 'error',
      });
      await project.write({
        'site/index.html':
          '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>',
        'profile/user.js': 'user_pref("browser.shell.checkDefaultBrowser", false);',
      });
      service.serve(project.path('site'));
      const { report, outcome } = await receiver();
      const settings = encodeURIComponent(JSON.stringify({ ...settingsOf(service), report }));
      const args = ['--headless', '--no-remote', '--profile', project.path('profile')];
      const env = { ...process.env, HOME: project.home };
      const child = spawn(program, [...args, `${service.application}/#${settings}`], {
        env,
        stdio: 'ignore',
      });
      try {
        return { version: version.trim(), steps: await outcome };
      } finally {
        child.kill();
      }
    },
  },
];
