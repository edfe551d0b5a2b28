import { shownAddress } from '../log/shown-address.js';
import { redactText } from '../redaction/text.js';

/** Why a server was not reached, or gave no token. */
export interface Reach {
  readonly observed: string;
  /** What to do. */
  readonly remedy: string;
}

interface Cause {
  /** In the code or the message of the error, in the words of Node, Bun and Deno. */
  readonly pattern: RegExp;
  readonly observed: (host: string, hostname: string) => string;
  readonly remedy: string;
}

const AUTHORITY = 'Use a certificate of a known authority, or name your authority in NODE_EXTRA_CA_CERTS.';

/** The causes that are known. The first that fits is taken. */
const causes: readonly Cause[] = [
  {
    pattern: /ECONNREFUSED|ConnectionRefused|connection refused/i,
    observed: (host) => `${host} refuses connections: nothing listens there`,
    remedy: 'Start the server, or correct the port.',
  },
  {
    pattern: /EAI_AGAIN|temporary failure in name resolution/i,
    observed: (_host, hostname) => `${hostname} cannot be looked up: DNS does not answer`,
    remedy: 'Correct the name of the host, or check the network and the DNS of this machine.',
  },
  {
    pattern: /ENOTFOUND|failed to lookup|dns error|FailedToOpenSocket/i,
    observed: (_host, hostname) => `there is no host ${hostname}: DNS does not know it`,
    remedy: 'Correct the name of the host.',
  },
  {
    pattern: /ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL/,
    observed: (host) => `${host} cannot be reached from this network`,
    remedy: 'Check the address, the network, the VPN and the firewall.',
  },
  {
    pattern: /CERT_HAS_EXPIRED/,
    observed: (host) => `the TLS certificate of ${host} has expired`,
    remedy: 'Renew the certificate.',
  },
  {
    pattern: /CERT_NOT_YET_VALID/,
    observed: (host) => `the TLS certificate of ${host} is not valid yet`,
    remedy: 'Check the clock of this machine, and the certificate.',
  },
  {
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|NotValidForName/,
    observed: (host, hostname) => `the TLS certificate of ${host} is not for ${hostname}`,
    remedy: 'Use a name that the certificate has, or another certificate.',
  },
  {
    pattern: /SELF_SIGNED_CERT|self[- ]signed certificate/i,
    observed: (host) => `the TLS certificate of ${host} is signed by itself`,
    remedy: AUTHORITY,
  },
  {
    pattern: /UNABLE_TO_(VERIFY|GET)|CERT_|certificate/i,
    observed: (host) => `this machine does not know who issued the TLS certificate of ${host}`,
    remedy: `Send the whole chain of certificates. ${AUTHORITY}`,
  },
  {
    pattern: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|InvalidContentType/,
    observed: (host) => `${host} does not use TLS`,
    remedy: 'Use http:// (--no-tls for the service), or the port that has TLS.',
  },
  {
    pattern: /EPROTO|ERR_SSL|TLSV1|handshake/i,
    observed: (host) => `TLS with ${host} fails`,
    remedy: 'Check the TLS versions of the server.',
  },
  {
    pattern: /HPE_|Parse Error|invalid HTTP/i,
    observed: (host) => `what answers at ${host} does not use HTTP`,
    remedy: 'Correct the port. If the server has TLS there, use https://.',
  },
  {
    pattern: /ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|TimeoutError|timed out/i,
    observed: (host) => `${host} does not answer in time`,
    remedy: 'Check the address, the firewall, and what the server waits for.',
  },
  {
    pattern:
      /ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|other side closed|socket hang up|ConnectionClosed/i,
    observed: (host) => `${host} closes the connection without an answer`,
    remedy: 'Read the log of the server. If the server has TLS there, use https://.',
  },
  {
    pattern: /bad port/i,
    observed: (host) => `${host} is not asked: programs do not send HTTP to this port`,
    remedy: 'Use another port.',
  },
];

const UNKNOWN = 'Start the server, and check the address, the port and TLS.';

/**
 * Why no server answered, from what `fetch` or a WebSocket threw.
 *
 * @param address the address that was asked
 */
export function reachOf(thrown: unknown, address: string): Reach {
  const { host, hostname, origin } = placeOf(address);
  const texts = textsIn(thrown);
  for (const { pattern, observed, remedy } of causes) {
    const code = texts.map(({ code }) => code).find((one) => pattern.test(one));
    if (code !== undefined || texts.some(({ message }) => pattern.test(message)))
      return { observed: `${observed(host, hostname)}${code ? ` (${code})` : ''}`, remedy };
  }
  const code = texts.map((one) => one.code).find((one) => /^[A-Z][A-Z0-9_]{2,40}$/.test(one));
  return {
    observed: `no server answers at ${origin}${code === undefined ? '' : ` (${redactText(code)})`}`,
    remedy: UNKNOWN,
  };
}

/** The address of a host without what may be secret. */
function placeOf(address: string): { host: string; hostname: string; origin: string } {
  if (!URL.canParse(address)) return { host: address, hostname: address, origin: address };
  const { protocol, host, hostname } = new URL(address);
  return { host, hostname, origin: `${protocol}//${host}` };
}

/** How deep the causes of an error are searched. */
const DEEPEST = 6;

/** The codes and messages of an error, of its causes, and of the errors that it collects. */
function textsIn(thrown: unknown, depth = 0): { readonly code: string; readonly message: string }[] {
  if (typeof thrown !== 'object' || thrown === null || depth > DEEPEST) return [];
  const { code, name, message, cause, original, errors } = thrown as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return [
    { code: text(code) || (name === 'TimeoutError' ? 'TimeoutError' : ''), message: text(message) },
    ...[original, cause, ...(Array.isArray(errors) ? errors.slice(0, 4) : [])].flatMap((one) =>
      textsIn(one, depth + 1),
    ),
  ];
}

/** What to do about the status of an answer that is not a token. */
export function statusRemedy(status: number): string {
  const remedies: Readonly<Record<number, string>> = {
    401: 'The endpoint does not know the user: send what it needs, such as a cookie, with --header or --param.',
    403: 'After 403 a client stops trying. Answer 403 only to users who may never have a token, and 401 to users who are not signed in.',
    404: 'Check the path.',
    405: 'Accept the method of the clients: GET, or their option authMethod.',
  };
  return remedies[status] ?? 'Read the log of the server: clients repeat the request again and again.';
}

/** What to do about an answer that is a page. */
export const PAGE_REMEDY =
  'The answer is a page, perhaps the sign-in page: answer 401 instead, without a redirect.';

/** An answer that came, and has no token. */
export function answerOf(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  address: string,
  doctor: string,
): Reach {
  const where = shownAddress(address);
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const isPage = type === 'text/html';
  const what = isPage ? ' with a page (text/html)' : '';
  if (status >= 300 && status < 400) {
    const to = headers.get('location');
    const target =
      to !== null && URL.canParse(to, address) ? ` to ${shownAddress(new URL(to, address).href)}` : '';
    return {
      observed: `${where} redirects${target} (${status})`,
      remedy: 'Use the final address, or redirect within the origin: clients follow no other redirects.',
    };
  }
  if (status < 200 || status > 299)
    return { observed: `${where} answers ${status}${what}`, remedy: statusRemedy(status) };
  if (isPage) return { observed: `${where} answers${what}`, remedy: PAGE_REMEDY };
  return {
    observed: `${where} answers ${status}, but without a token that a client can use`,
    remedy: `Check that this is a token endpoint: ${doctor}`,
  };
}
