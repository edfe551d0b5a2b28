import 'zone.js';
import '@angular/compiler';
import { type ApplicationRef, Component, NgZone, provideZoneChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';

declare global {
  /** The test gives tokens, and says where the service is. */
  var aToken: () => Promise<string>;
  var servicePort: number;
}

let app: ApplicationRef | undefined;
let made: { readonly auth: Auth; readonly connection: RealtimeConnection } | undefined;

/** Makes client and connection inside of Angular's zone, and shows plain fields: no signal tells of a change. */
class App {
  tokens = 0;
  renewals = 0;
  connection = 'none yet';
  message = 'none yet';

  constructor() {
    if (!NgZone.isInAngularZone()) throw new Error('a component is made outside of the zone');
    const connection = new RealtimeConnection({ endpoint: 'localhost', port: servicePort, tls: false });
    connection.onStateChange(({ current }) => {
      this.connection = current;
    });
    connection.messages$.subscribe(({ action }) => {
      this.message = `action ${action}`;
    });
    const auth = new Auth({ authCallback: async () => JSON.parse(await aToken()), connection });
    auth.token$.subscribe(() => {
      this.tokens += 1;
    });
    auth.on('renewed', () => {
      this.renewals += 1;
    });
    made = { auth, connection };
  }
}

const AppComponent = Component({
  selector: '#app',
  template: `<p id="tokens">{{ tokens }}</p><p id="renewals">{{ renewals }}</p>
    <p id="connection">{{ connection }}</p><p id="message">{{ message }}</p>`,
})(App);

const page = {
  /** Resolves when Angular says that the app is stable. */
  async start(): Promise<void> {
    app = await bootstrapApplication(AppComponent ?? App, { providers: [provideZoneChangeDetection()] });
    await app.whenStable();
  },
  isStable: () => {
    const { hasPendingMacrotasks, hasPendingMicrotasks } = app?.injector.get(NgZone) ?? {};
    return hasPendingMacrotasks === false && hasPendingMicrotasks === false;
  },
  whenStable: async () => await app?.whenStable(),
  attach: () => made?.connection.send({ action: 10, channel: 'lobby' }),
  /** Away from Angular: only the subscribers belong to its zone. */
  authorize: async () => {
    await made?.auth.authorize();
  },
  lookAgain: () => void dispatchEvent(new Event('focus')),
  dispose: () => {
    made?.connection.dispose();
    made?.auth.dispose();
    app?.destroy();
  },
};

export type ZonesPage = typeof page;

Object.assign(globalThis, { zonesPage: page });
