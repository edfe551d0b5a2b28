import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { backend } from '../backend.js';

export default defineConfig({ plugins: [react(), backend()] });
