/** The files that read what strangers send. */
export const readers: readonly string[] = [
  'src/connection/realtime/protocol.ts',
  'src/connection/link/adapter-report.ts',
  ...['service-error', 'retry-after', 'redirects', 'call-fault'].map((name) => `src/http/${name}.ts`),
  ...['answer', 'source-error', 'redacted-error', 'late-failures', 'failures', 'stop-renewing'].map(
    (name) => `src/sources/${name}.ts`,
  ),
  ...['body', 'text'].map((name) => `src/platform/${name}.ts`),
  ...['jwt', 'token-details', 'capability'].map((name) => `src/token/${name}.ts`),
  ...['recording', 'schema', 'attach', 'server/relay'].map((name) => `src/studio/${name}.ts`),
  ...['asked', 'grant', 'token-terms', 'capability-limits', 'capability-intersection'].map(
    (name) => `src/server/${name}.ts`,
  ),
  ...['fetch-destination', 'incoming-body.node', 'listener.node'].map((name) => `src/server/${name}.ts`),
  ...['cause', 'error-info', 'copies', 'received-error'].map((name) => `src/errors/${name}.ts`),
  ...[
    'received',
    'secret-names',
    'secret-store',
    'text',
    'value',
    'known-secrets',
    'encoding',
    'form',
    'letters',
    'sent-secrets',
  ].map((name) => `src/redaction/${name}.ts`),
];

/** Branches that no input can reach, by the beginning of their text, with the reason. */
export const unreachable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'src/token/capability.ts': { 'texts[index': 'the index is within the list' },
  'src/studio/schema.ts': { 'all[0]?.n · absent': 'an empty list has no entry that is compared' },
  'src/studio/attach.ts': {
    'WebSocketImpl === undefined · true': 'Node has a WebSocket',
    "fieldOf(socket, 'bufferedAmount') · absent": 'each WebSocket of a platform has it',
    '!isUnread · false': 'needs 64 MB that a studio does not read',
    'isUnread · true': 'the same',
    "textIn(event, 'reason') · absent": 'each event of a platform has it',
  },
  'src/studio/server/relay.ts': {
    'this.#socket.bufferedAmount > MOST_UNREAD_BYTES · true': 'needs megabytes that a client does not read',
    'request.url · absent': 'a request has an address',
  },
  'src/server/capability-limits.ts': { 'capability[name] · absent': 'the name is one of the capability' },
  'src/server/incoming-body.node.ts': { 'httpVersionMajor > 1 · true': 'these inputs come by HTTP/1' },
  'src/server/listener.node.ts': {
    "typeof endpoint !== 'function' · true": 'the application gives it',
    'request · absent': 'the server gives it',
    'response · absent': 'the server gives it',
  },
  'src/redaction/secret-store.ts': { 'only !== undefined · false': 'a caller notes at least one secret' },
  'src/redaction/known-secrets.ts': {
    'from[': 'the position is within the text',
    'to[': 'the position is within the text',
    'stagesOf(bytes).pop() · absent': 'there is a first stage',
  },
};
