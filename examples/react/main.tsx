import { Auth } from 'latchkey';
import { AuthProvider } from 'latchkey/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';

const create = () => new Auth({ authUrl: '/api/token' });

createRoot(document.querySelector('#app') as HTMLElement).render(
  <StrictMode>
    <AuthProvider create={create}>
      <App />
    </AuthProvider>
  </StrictMode>,
);
