import { mainJob } from './job.js';

// A dedicated worker and a service worker get a message themselves; a shared one gets a port.
addEventListener('message', ({ data, ports: [port] }) => {
  mainJob(data).then((outcome) => port.postMessage(outcome));
});
addEventListener('connect', ({ ports: [port] }) => {
  port.onmessage = ({ data }) => mainJob(data).then((outcome) => port.postMessage(outcome));
});
