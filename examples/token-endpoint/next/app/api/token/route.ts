import { endpoint } from '../../../../endpoint.js';

/** Each answer is for one user and one moment, so nothing can be rendered ahead. */
export const dynamic = 'force-dynamic';

export { endpoint as GET, endpoint as OPTIONS, endpoint as POST };
