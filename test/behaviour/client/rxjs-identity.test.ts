import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

// Node loads one inner module of rxjs, not all of it. Its class must be the same that an app imports from rxjs.
it('a stream is an Observable of the rxjs that the application imports, in Node', async () => {
  const program = `
    import { Auth } from 'latchkey';
    import { Observable, from, switchMap } from 'rxjs';
    import * as door from '#rxjs';
    const auth = new Auth({ authCallback: async () => 'a-token' });
    const { token } = await new Promise((resolve) => from([1]).pipe(switchMap(() => auth.token$)).subscribe(resolve));
    auth.dispose();
    console.log(JSON.stringify([
      token, auth.token$ instanceof Observable, auth.state$ instanceof Observable,
      door.Observable === Observable,
    ]));`;
  const flags = ['--import', 'tsx', '--conditions=latchkey-source', '--input-type=module', '--eval', program];
  const { stdout } = await run(process.execPath, flags, {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  });
  expect(JSON.parse(stdout)).toEqual(['a-token', true, true, true]);
});
