import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Objects that throw when they are converted to a string or a number. */
const TRAP = { toString: 0, valueOf: 0 };
const MEGABYTE = 1_048_576;

/** Handwritten JSON: numbers that JavaScript cannot represent, and names that change prototypes. */
const raw = (text: string): string => text;
const message = (action: unknown, more: object = {}): string => JSON.stringify({ action, ...more });
const details = (connectionDetails: unknown): string =>
  message(4, { connectionId: 'an id', connectionDetails });

/** A chain of causes of this depth. */
function causes(depth: number): string {
  const link = '{"code":80003,"statusCode":400,"message":"m","cause":';
  return `{"action":6,"error":${link.repeat(depth)}null${'}'.repeat(depth)}}`;
}

const errors: readonly [what: string, error: unknown][] = [
  ['a message that cannot be made a text', { code: 50000, statusCode: 500, message: TRAP }],
  ['a message of another type', { code: 50000, statusCode: 500, message: [['x']] }],
  ['no message', { code: 50000, statusCode: 500 }],
  ['a link that cannot be made a text', { code: 50000, statusCode: 500, message: 'm', href: TRAP }],
  ['a code that is a text', { code: '40142', statusCode: '401', message: 'm' }],
  ['a code that cannot be made a text', { code: TRAP, statusCode: TRAP, message: 'm' }],
  ['a code below zero', { code: -1, statusCode: -1, message: 'm' }],
  ['a code with a fraction', { code: 40142.5, statusCode: 401, message: 'm' }],
  ['a cause that is a text', { code: 50000, statusCode: 500, message: 'm', cause: 'a cause' }],
  [
    'a cause full of traps',
    { code: 50000, statusCode: 500, message: 'm', cause: { code: 1, message: TRAP } },
  ],
  ['details full of traps', { code: 50000, statusCode: 500, message: 'm', detail: { a: TRAP, b: [TRAP] } }],
  ['an id of a request that is a trap', { code: 50000, statusCode: 500, message: 'm', requestId: TRAP }],
];

/** Errors so long that a search in them could overflow the stack. */
const longErrors: readonly [what: string, error: unknown][] = [
  ['a message of one word of 3 MB', { code: 50000, statusCode: 500, message: 'a'.repeat(3 * MEGABYTE) }],
  [
    'a message of 3 MB of words in camel case',
    { code: 50000, statusCode: 500, message: 'Abc'.repeat(MEGABYTE) },
  ],
  [
    'a message of 3 MB like an address',
    { code: 50000, statusCode: 500, message: `http://a${'/a'.repeat(1.5 * MEGABYTE)}` },
  ],
  ['a link of 3 MB', { code: 50000, statusCode: 500, message: 'm', href: `http://${'a'.repeat(3e6)}` }],
  ['a message of one word of 10 MB', { code: 50000, statusCode: 500, message: 'a'.repeat(10 * MEGABYTE) }],
];

/** Values in place of errors. */
const noErrors: readonly [what: string, error: unknown][] = [
  ['an error that is a text', 'an error'],
  ['an error that is a list', [TRAP, TRAP]],
  ['an error that is true', true],
  ['an error that is empty', {}],
  ['an error that is a trap', TRAP],
];

const names: Readonly<Record<number, string>> = { 4: 'CONNECTED', 6: 'DISCONNECTED', 9: 'ERROR' };

const withErrors = [4, 6, 9].flatMap((action) =>
  [...errors, ...noErrors].map(
    ([what, error]) =>
      [`${names[action]} with ${what}`, message(action, { error, connectionId: 'an id' })] as const,
  ),
);

/** Frames of a server that are not messages, or messages with invalid fields. */
const hostileFrames: readonly (readonly [what: string, frame: string | Buffer])[] = [
  ...withErrors,
  ...longErrors.map(([what, error]) => [`ERROR with ${what}`, message(9, { error })] as const),
  ['an error with numbers that are infinite', raw('{"action":9,"error":{"code":1e999,"statusCode":-1e999}}')],
  ['an error with a prototype', raw('{"action":9,"error":{"__proto__":{"code":40142,"statusCode":401}}}')],
  ['an error with 10,000 causes', causes(10_000)],
  ['an error with 50 causes', causes(50)],
  ['no JSON', '<html>502 Bad Gateway</html>'],
  ['half a message', '{"action":4,'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[{"action":4}]'],
  ['100,000 brackets', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['a message with 100,000 brackets', `{"action":15,"messages":${'['.repeat(1e5)}${']'.repeat(1e5)}}`],
  ['bytes', Buffer.from([0x81, 0xa6, 0xff, 0x00])],
  ['a message as bytes', Buffer.from(message(9, { error: { code: 50000, statusCode: 500, message: TRAP } }))],
  ['no bytes', Buffer.alloc(0)],
  ['16 MB', `{"action":15,"data":"${'x'.repeat(16 * MEGABYTE)}"}`],
  ['16 MB of bytes', Buffer.alloc(16 * MEGABYTE)],
  ['a list of a million', `{"action":15,"channel":"c","messages":[${'0,'.repeat(1e6)}0]}`],
  ['an action that is a word', message('CONNECTED')],
  ['an action that is a trap', message(TRAP)],
  ['an action with a fraction', message(4.5)],
  ['an action below zero', message(-4)],
  ['an action that is infinite', raw('{"action":1e999}')],
  ['an action without end', raw(`{"action":${'9'.repeat(400)}}`)],
  ['an action of a prototype', raw('{"__proto__":{"action":9}}')],
  [
    'a channel that is a trap',
    message(9, { channel: TRAP, error: { code: 1, statusCode: 1, message: 'm' } }),
  ],
  ['an AUTH with a trap', message(17, { auth: TRAP })],
  ['a HEARTBEAT with an id that is a trap', message(0, { id: TRAP })],
  ['a HEARTBEAT with an id of 3 MB', message(0, { id: 'i'.repeat(3 * MEGABYTE) })],
  ['a CLOSED', message(8)],
  ['an ACK with traps', message(1, { msgSerial: TRAP, count: TRAP })],
  ['a CONNECTED with ids that are traps', message(4, { connectionId: TRAP, connectionKey: TRAP })],
  ['details that are a trap', details(TRAP)],
  ['details that are a list', details([TRAP])],
  ['details that are a text', details('details')],
  ['details of traps', details({ clientId: TRAP, connectionKey: TRAP, connectionStateTtl: TRAP })],
  ['a silence that is a trap', details({ maxIdleInterval: TRAP, maxMessageSize: TRAP, serverId: TRAP })],
  ['times that are texts', details({ maxIdleInterval: '15', connectionStateTtl: '120' })],
  ['times below zero', details({ maxIdleInterval: -1, connectionStateTtl: -120_000, maxMessageSize: -1 })],
  [
    'times without end',
    raw('{"action":4,"connectionDetails":{"maxIdleInterval":1e308,"connectionStateTtl":1e999}}'),
  ],
  ['an id of 3 MB', message(4, { connectionId: 'i'.repeat(3 * MEGABYTE) })],
  ['a key of 3 MB', details({ connectionKey: 'k'.repeat(3 * MEGABYTE) })],
  ['a clientId of 3 MB', details({ clientId: 'c'.repeat(3 * MEGABYTE) })],
  ['a clientId of a prototype', raw('{"action":4,"connectionDetails":{"__proto__":{"clientId":"eve"}}}')],
];

/** Bytes below the level of frames, as a broken proxy could send them. */
const hostileBytes: readonly (readonly [what: string, bytes: string])[] = [
  ['HTTP where frames should be', Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n').toString('hex')],
  ['a frame with reserved bits', 'f1017b'],
  ['a frame of an unknown kind', '830161'],
  ['a text that is not UTF-8', '8102c328'],
  ['a frame that is masked', '8181000000007b'],
  ['a frame of 2^62 bytes', '817f4000000000000000'],
  ['a piece of a frame that never began', '800161'],
  ['a close with a code there is none of', '880203e7'],
  ['a close whose reason is not UTF-8', '880403e8c328'],
  ['a ping that is too long', `897e0100${'00'.repeat(256)}`],
];

/** The TCP socket. */
const beneath = (socket: WebSocket): Socket => (socket as unknown as { readonly _socket: Socket })._socket;

/** Everything a server may do to a transport, by name. */
export const attacks: readonly (readonly [what: string, attack: (socket: WebSocket) => void])[] = [
  ...hostileFrames.map(
    ([what, frame]) => [what, (socket: WebSocket) => socket.send(frame, () => {})] as const,
  ),
  ...hostileBytes.map(
    ([what, bytes]) =>
      [what, (socket: WebSocket) => beneath(socket).write(Buffer.from(bytes, 'hex'))] as const,
  ),
  ['a reset', (socket) => beneath(socket).resetAndDestroy()],
  ['an end without a word', (socket) => beneath(socket).end()],
  ['a close', (socket) => socket.close(4000, 'x'.repeat(100))],
  [
    '2,000 frames of each kind at once',
    (socket) => {
      beneath(socket).cork();
      for (let count = 0; count < 2_000; count += 1) {
        const [, frame = ''] = withErrors[count % withErrors.length] ?? [];
        for (const action of [0, 1, 4, 15, 17]) socket.send(message(action));
        if (frame.length < 1_000 && count > 1_990) socket.send(frame);
      }
      process.nextTick(() => beneath(socket).uncork());
    },
  ],
];
