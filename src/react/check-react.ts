import * as React from 'react';
import { ErrorInfo } from '../errors/error-info.js';

/** @throws {ErrorInfo} 40003 without the hooks of React 18; other packages have them too, with versions of their own */
export function checkReact(): void {
  const { version } = React;
  if ('useSyncExternalStore' in React && 'useInsertionEffect' in React) return;
  throw new ErrorInfo({
    code: 40003,
    message: `React must be version 18 or newer; got ${version}`,
    remediation: 'Install react@18 or newer, and the react-dom or react-native that belongs to it.',
  });
}
