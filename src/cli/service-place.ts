/** What an app needs to use a sandbox on a port: the options of the same names. */
export interface ServicePlace {
  readonly endpoint: string;
  readonly port: number;
  readonly tls: false;
  /** The key of an app of the sandbox. Its tokens are valid at this sandbox only. */
  readonly key: string;
}

/** The lines that the commands print. */
export const placeLines = ({ endpoint, port, tls, key }: ServicePlace): readonly string[] => [
  'An Ably-compatible service, for your own app:',
  `  endpoint  ${endpoint}`,
  `  port      ${port}`,
  `  tls       ${tls}`,
  `  key       ${key}`,
];
