import { mainJob } from './job.js';

const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)));
mainJob(settings).then((outcome) => {
  globalThis.outcome = outcome;
  if (settings.report)
    fetch(settings.report, { method: 'POST', mode: 'no-cors', body: JSON.stringify(outcome) });
});
