import { AsyncPipe, DatePipe } from '@angular/common';
import { Component, DestroyRef, inject, signal } from '@angular/core';
import { Auth } from 'latchkey';

@Component({
  selector: '#app',
  imports: [AsyncPipe, DatePipe],
  template: `
    <h1>Latchkey with Angular</h1>
    @if (state$ | async; as state) {
      <p role="status">
        <span id="who">{{ clientId() ?? 'signed out' }}</span>: <span id="state">{{ state.value }}</span>
        {{ state.error?.message }}
      </p>
      <p id="until">
        @if (token$ | async; as token) {
          @if (state.value === 'authorized' || state.value === 'renewing') {
            {{ token.expires | date: 'HH:mm:ss' }}
          } @else {
            no token
          }
        }
      </p>
    }
    <button type="button" (click)="become('grace')">Become grace</button>
    <button type="button" (click)="auth.forget()">Sign out</button>
  `,
})
export class App {
  readonly auth = new Auth({ authUrl: '/api/token' });
  readonly state$ = this.auth.state$;
  readonly token$ = this.auth.token$;
  readonly clientId = signal(this.auth.clientId);

  constructor() {
    this.auth.on('identity.changed', ({ current }) => this.clientId.set(current));
    inject(DestroyRef).onDestroy(() => this.auth.dispose());
  }

  become(name: string): void {
    // The state shows an error.
    this.auth.authorize({ clientId: name }).catch(() => {});
  }
}
