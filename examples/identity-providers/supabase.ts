import { StopRenewing } from 'latchkey';
import type { SupabaseClient } from './clients.js';
import { type SessionToken, signedOut } from './exchange.js';

const OVER = /^(session_(not_found|expired)|refresh_token_(not_found|already_used)|user_not_found)$/;

/** The access token of Supabase Auth. */
export const supabaseToken =
  ({ auth }: SupabaseClient): SessionToken =>
  async (isNewer) => {
    const { data, error } = await (isNewer ? auth.refreshSession() : auth.getSession());
    if (data.session !== null) return data.session.access_token;
    if (error?.code === 'user_banned') throw new StopRenewing('the user is banned');
    const isOver = error === null || error.name === 'AuthSessionMissingError';
    throw isOver || OVER.test(error.code ?? '') ? signedOut(error) : error;
  };
