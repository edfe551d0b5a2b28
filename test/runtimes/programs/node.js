import { mainJob } from './job.js';

// The timers of a client let a process end.
const awake = setInterval(() => {}, 1_000);
mainJob(JSON.parse(process.env.LATCHKEY_JOB)).then((outcome) => {
  clearInterval(awake);
  console.log(JSON.stringify(outcome));
});
