import { mainJob } from './job.js';

const entry = {
  async fetch(request) {
    return Response.json(await mainJob(await request.json()));
  },
};

export { entry as default };
