import { liveThrough } from './hostile-client.js';

// Whether a wait holds the process is another matter.
const hold = setInterval(() => {}, 1_000);
const [port = 0, attacks = 0] = process.argv.slice(2).map(Number);
for (let number = 0; number < attacks; number += 1) console.log(await liveThrough(port, number));
clearInterval(hold);
