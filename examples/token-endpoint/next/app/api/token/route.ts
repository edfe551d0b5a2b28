import { endpoint } from '../../../../endpoint.js';

/** Each call is for one user and one moment: nothing to render ahead. */
export const dynamic = 'force-dynamic';

export { endpoint as GET, endpoint as OPTIONS, endpoint as POST };
