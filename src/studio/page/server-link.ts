import type { StudioLink, StudioMessage } from '../messages.js';

/** The program that served this page, as where the client is. */
export class ServerLink implements StudioLink {
  subscribe(listener: (message: StudioMessage) => void): () => void {
    const events = new EventSource('./events');
    events.onmessage = ({ data }) => listener(JSON.parse(String(data)) as StudioMessage);
    // It tries again by itself; with the first message all is well again.
    events.onerror = () => listener({ type: 'gone' });
    return () => events.close();
  }

  async perform(control: string): Promise<void> {
    const response = await fetch(`./control/${control}`, { method: 'POST' }).catch(() => {
      throw new TypeError('nobody answered, the program may have stopped');
    });
    if (!response.ok) throw new TypeError(await response.text());
  }
}
