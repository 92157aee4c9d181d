/** The peers' entries in; one minified script of each, as a page would load it, out. */
import { createRequire } from 'node:module';
import { build } from 'esbuild';

const folder = new URL('.', import.meta.url).pathname;

export const PEERS = ['snowplow', 'reactIntersectionObserver', 'handWritten'];

export async function buildPeers() {
  for (const name of PEERS) {
    await build({
      entryPoints: [`${folder}${name}.entry.mjs`],
      outfile: `${folder}dist/${name}.js`,
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2020',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'warning',
    });
  }
}

export const versionOf = (name) => createRequire(import.meta.url)(`${folder}node_modules/${name}/package.json`).version;
