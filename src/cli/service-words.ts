import type { Happening } from '../sandbox/index.js';
import type { Told } from '../studio/messages.js';

/** The words for an event of the service; null if the client reports it too. */
export function serviceWords(happening: Happening): Told | null {
  if (happening.type === 'request') {
    const { method, path, status } = happening;
    return status < 400 ? null : words('bad', `Service: ${status}`, `to ${method} ${path}`);
  }
  const { type, connectionId, error } = happening;
  const which = connectionId === null ? '' : `connection ${connectionId}`;
  const why = error === undefined ? '' : `${error.message} (${error.code})`;
  const detail = [which, why].filter((part) => part !== '').join(': ');
  switch (type) {
    case 'reauthenticated':
      return words('good', 'Service: re-authenticated', detail);
    case 'asked':
      return words('calm', 'Service: asks for a new token', detail);
    case 'dropped':
      return words('calm', 'Service: dropped', detail);
    case 'refused':
      return words('bad', 'Service: refused', detail);
    default:
      return null;
  }
}

function words(tone: Told['tone'], title: string, detail: string): Told {
  return { about: 'service', tone, title, detail };
}
