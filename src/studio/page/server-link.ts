import type { StudioLink, StudioMessage } from '../messages.js';

/** How often the page looks for a server that refused it, ms: it may be another server now. */
const RETRY_MS = 3_000;

/** The connection to the client through the server of this page. */
export class ServerLink implements StudioLink {
  subscribe(listener: (message: StudioMessage) => void): () => void {
    let events = this.#open(listener);
    // EventSource connects again by itself, unless the server refused it; the next message ends the state "gone".
    const timer = setInterval(() => {
      if (events.readyState === EventSource.CLOSED) events = this.#open(listener);
    }, RETRY_MS);
    return () => {
      clearInterval(timer);
      events.close();
    };
  }

  #open(listener: (message: StudioMessage) => void): EventSource {
    const events = new EventSource('./events');
    events.onmessage = ({ data }) => listener(JSON.parse(String(data)) as StudioMessage);
    events.onerror = () => listener({ type: 'gone' });
    return events;
  }

  async perform(control: string): Promise<void> {
    const response = await fetch(`./control/${control}`, { method: 'POST' }).catch(() => {
      throw new TypeError('the program does not answer, and may have stopped');
    });
    if (!response.ok) throw new TypeError(await response.text());
  }
}
