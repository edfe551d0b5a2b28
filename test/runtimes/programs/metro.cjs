// Bundles node.js as React Native's command does: node metro.cjs <with package exports or not>
const { realpathSync } = require('node:fs');
const Metro = require('metro');

const hasExports = process.argv[2] === 'exports';

Metro.loadConfig({ config: undefined, cwd: __dirname, resetCache: true }).then(
  async (base) => {
    const config = {
      ...base,
      projectRoot: __dirname,
      watchFolders: [__dirname, realpathSync('node_modules')],
      maxWorkers: 1,
      resolver: {
        ...base.resolver,
        // As in @react-native/metro-config.
        resolverMainFields: ['react-native', 'browser', 'main'],
        unstable_enablePackageExports: hasExports,
        unstable_conditionNames: ['react-native'],
        nodeModulesPaths: [realpathSync('node_modules')],
        platforms: ['ios', 'android'],
        useWatchman: false,
      },
      serializer: { ...base.serializer, getPolyfills: () => [], getModulesRunBeforeMainModule: () => [] },
      reporter: { update: () => {} },
    };
    await Metro.runBuild(config, {
      entry: 'node.js',
      out: 'bundle.js',
      platform: 'ios',
      dev: false,
      minify: false,
    });
    process.exit();
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
