import { defineConfig } from 'vite';
import { backend } from '../backend.js';
import { angular } from './angular.js';

export default defineConfig({ plugins: [angular(), backend()] });
