import { ErrorInfo } from '../errors/error-info.js';
import { hasLiteral, isRenewable } from '../sources/auth-options.js';
import type { ParsedClientOptions } from './client-options.js';

/** RSA4a1, TI5: informs an application that passes a token without a way to renew it, before the token expires. */
export function hintAtRenewal({ authOptions, log }: ParsedClientOptions): void {
  if (!hasLiteral(authOptions) || isRenewable(authOptions)) return;
  const message = 'the options have a token, and no way to renew it.';
  log(String(new ErrorInfo({ code: 40171, message })), 'info');
}

/** RSA10l. */
export function hintAtSpelling({ log }: ParsedClientOptions): void {
  log('authorise() is deprecated and will go in version 1.0: use authorize().', 'warn');
}
