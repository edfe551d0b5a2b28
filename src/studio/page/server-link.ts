import type { StudioLink, StudioMessage } from '../messages.js';

/** The connection to the client through the server of this page. */
export class ServerLink implements StudioLink {
  subscribe(listener: (message: StudioMessage) => void): () => void {
    const events = new EventSource('./events');
    events.onmessage = ({ data }) => listener(JSON.parse(String(data)) as StudioMessage);
    // EventSource connects again by itself; the next message ends the state "gone".
    events.onerror = () => listener({ type: 'gone' });
    return () => events.close();
  }

  async perform(control: string): Promise<void> {
    const response = await fetch(`./control/${control}`, { method: 'POST' }).catch(() => {
      throw new TypeError('the program does not answer, and may have stopped');
    });
    if (!response.ok) throw new TypeError(await response.text());
  }
}
