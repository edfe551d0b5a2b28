import {
  type ReconnectingConnection,
  type ReconnectingOptions,
  reconnecting,
} from 'latchkey/connection/reconnecting';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

/** The answers of MQTT 3.1.1 and 5 to a bad password. */
const REFUSED: readonly unknown[] = [4, 5, 0x86, 0x87];

/** The connection decides when to try again. With 0 the client would not subscribe again. */
const NEVER_MS = 2 ** 31 - 1;

/** A client of MQTT.js whose password is the token. For a new token it connects again, and subscribes again. */
export function mqttClient(
  url: string,
  options: IClientOptions = {},
  tokens: ReconnectingOptions = {},
): { readonly connection: ReconnectingConnection; readonly client: MqttClient } {
  const client = mqtt.connect(url, {
    username: 'token',
    ...options,
    manualConnect: true,
    reconnectPeriod: NEVER_MS,
  });
  const close = () => {
    delete client.options.password;
    client.stream?.destroy();
  };
  const open = (token: string) => {
    close();
    client.options.password = token;
    const { stream } = client.connect();
    stream.on('close', () => client.stream === stream && connection.closed());
  };
  const connection = reconnecting({ open, close }, tokens);
  client.on('connect', () => connection.accepted());
  // Its own timer would keep a process of Node running.
  client.on('close', () => clearInterval(Reflect.get(client, 'reconnectTimer')));
  client.on('error', (error) => {
    const isRefused = 'code' in error && REFUSED.includes(error.code);
    if (isRefused) connection.refused({ code: 40140, statusCode: 401, message: error.message });
  });
  return { connection, client };
}
