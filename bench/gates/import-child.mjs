import { Session } from 'node:inspector';

// Each script that the engine parses from a file is a module that is evaluated.
const scripts = new Map();
const session = new Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params: { url, length } }) => {
  if (/^(file:|\/)/.test(url)) scripts.set(url, length);
});
session.post('Debugger.enable');
await import('latchkey');
const bytes = [...scripts.values()].reduce((sum, length) => sum + length, 0);
console.log(JSON.stringify({ modules: scripts.size, bytes }));
