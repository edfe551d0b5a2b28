import { liveThrough } from './hostile-client.js';

// Keeps the process alive: another test checks what does.
const hold = setInterval(() => {}, 1_000);
const [port = 0, attacks = 0] = process.argv.slice(2).map(Number);
for (let number = 0; number < attacks; number += 1) console.log(await liveThrough(port, number));
clearInterval(hold);
