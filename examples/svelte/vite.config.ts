import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { backend } from '../backend.js';

export default defineConfig({ plugins: [svelte({ configFile: false }), backend()] });
