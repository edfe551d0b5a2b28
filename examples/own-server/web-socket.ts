import { reconnecting } from 'latchkey/connection/reconnecting';

/** A WebSocket to a server of `latchkey/server/ws`. Its tokens are in messages, and in no address. */
export function webSocket(make: () => WebSocket, onMessage: (data: unknown) => void) {
  let socket: WebSocket | undefined;
  const close = () => {
    const former = socket;
    socket = undefined;
    former?.close();
  };
  const open = () => {
    close();
    const mine = make();
    socket = mine;
    mine.onopen = () => socket === mine && connection.opened();
    mine.onmessage = ({ data }) => socket === mine && (connection.hear(data) || onMessage(data));
    mine.onclose = (event) => socket === mine && connection.closed(event);
  };
  const send = (text: string) => socket?.send(text);
  const connection = reconnecting({ open, close, send, firstToken: 'message' });
  return { connection, send };
}
