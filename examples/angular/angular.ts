import { fileURLToPath } from 'node:url';
import * as compilerCli from '@angular/compiler-cli';
import { transformAsync } from '@babel/core';
import type { CompilerHost, CompilerOptions, Diagnostic } from 'typescript';
import type { Plugin } from 'vite';

const project = fileURLToPath(new URL('tsconfig.json', import.meta.url));

const packages = ['@angular/core', '@angular/common', '@angular/platform-browser'];

/** The package's own types name files without extensions, which Node cannot resolve. */
const ngc = compilerCli as unknown as {
  readConfiguration(path: string): { options: CompilerOptions; rootNames: string[] };
  createCompilerHost(given: { options: CompilerOptions }): CompilerHost;
  performCompilation(given: { options: CompilerOptions; rootNames: string[]; host: CompilerHost }): {
    diagnostics: readonly Diagnostic[];
  };
  formatDiagnostics(diagnostics: readonly Diagnostic[]): string;
};

/**
 * A minimal Vite plugin for Angular: its compiler for our files, with strictly checked templates, and its
 * linker for its own packages. An application uses Angular's CLI.
 */
export function angular(): Plugin {
  let compiled: ReadonlyMap<string, string>;
  return {
    name: 'angular',
    config: (_config, { command }) =>
      command === 'build'
        ? { define: { ngDevMode: 'false', ngJitMode: 'false' } }
        : // Pre-bundled packages would not pass the linker.
          { optimizeDeps: { exclude: packages } },
    buildStart() {
      compiled = compile();
    },
    load: (id) => compiled.get(id.replace(/\.ts$/, '.js')),
    transform: async (code, id) =>
      id.includes('/@angular/') && code.includes('ɵɵngDeclare') ? await link(code, id) : undefined,
  };
}

/** Every file that the compiler writes, by its path. */
function compile(): ReadonlyMap<string, string> {
  const { options, rootNames } = ngc.readConfiguration(project);
  const written = new Map<string, string>();
  const host = ngc.createCompilerHost({ options });
  host.writeFile = (path, text) => void written.set(path, text);
  const { diagnostics } = ngc.performCompilation({ options, rootNames, host });
  if (diagnostics.length > 0) throw new Error(ngc.formatDiagnostics(diagnostics));
  return written;
}

async function link(code: string, filename: string): Promise<string | undefined> {
  const linked = await transformAsync(code, {
    filename,
    configFile: false,
    babelrc: false,
    compact: false,
    plugins: ['@angular/compiler-cli/linker/babel'],
  });
  return linked?.code ?? undefined;
}
