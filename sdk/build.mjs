/** src/ in; the bundles of dist/ with their source maps and brotli for the collector out, and their sizes printed. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const folder = new URL('.', import.meta.url).pathname;
const { version } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
// Parts first: the bundles that load them carry their digests.
const bundles = [
  { entry: 'fallback.part.ts', name: 'eyeshot-fallback', formats: ['iife', 'esm'], part: 'fallback' },
  { entry: 'frames.part.ts', name: 'eyeshot-frames', formats: ['iife', 'esm'], part: 'frames' },
  { entry: 'alone.part.ts', name: 'eyeshot-alone', formats: ['iife', 'esm'], part: 'alone' },
  { entry: 'page.script.ts', name: 'eyeshot', formats: ['iife'], loads: ['fallback', 'frames'], goal: 4500 },
  { entry: 'widget.script.ts', name: 'eyeshot-widget', formats: ['iife'], loads: ['fallback', 'alone'], goal: 2500 },
  { entry: 'page.ts', name: 'eyeshot', formats: ['esm'], goal: 4500 },
  { entry: 'widget.ts', name: 'eyeshot-widget', formats: ['esm'], goal: 2500 },
  { entry: 'tcf.script.ts', name: 'eyeshot-tcf', formats: ['iife'] },
  { entry: 'followTcf.ts', name: 'eyeshot-tcf', formats: ['esm'] },
  { entry: 'debug.script.ts', name: 'eyeshot-debug', formats: ['iife'] },
];
/** What the browsers of 2020 understand; docs/sdk.md names them. */
const TARGET = 'es2021';
const integrity = {};
// A part and the bundle that loads it call each other's private members by the same short names.
let names = {};

for (const { entry, name, formats, part, goal, loads = [] } of bundles) {
  for (const format of formats) {
    const file = `${name}.${format === 'esm' ? 'mjs' : 'js'}`;
    const code = await bundle(entry, file, format, loads);
    if (part && format === 'iife') integrity[part] = `sha256-${createHash('sha256').update(code).digest('base64')}`;
    const gzip = gzipSync(code, { level: 9 }).length;
    const verdict = goal ? ` (${gzip <= goal ? 'within' : 'over'} the goal of ${goal})` : '';
    console.log(`${file.padEnd(20)} ${Buffer.byteLength(code)} B raw, ${gzip} B gzip${verdict}`);
  }
}

async function bundle(entry, file, format, loads) {
  const digests = Object.fromEntries(loads.map((part) => [part, integrity[part]]));
  const outfile = `${folder}dist/${file}`;
  const { outputFiles, mangleCache } = await build({
    entryPoints: [`${folder}src/${entry}`],
    outfile,
    format,
    bundle: true,
    write: false,
    minify: true,
    mangleProps: /^_[a-z]/i,
    mangleCache: names,
    sourcemap: 'external',
    target: TARGET,
    external: ['./eyeshot-*.mjs'],
    define: { VERSION: JSON.stringify(version), ESM: String(format === 'esm'), INTEGRITY: JSON.stringify(digests) },
    banner: { js: `/*! Eyeshot ${version} · Apache-2.0 */` },
    logLevel: 'warning',
  });
  names = mangleCache;
  const [map, bundled] = outputFiles.map(({ text }) => text);
  const { code, map: codeMap } = await minify(bundled, {
    module: format === 'esm',
    ecma: 2020,
    compress: { passes: 6, unsafe_arrows: true },
    sourceMap: { content: map, includeSources: true, filename: file, url: `${file}.map` },
  });
  await mkdir(`${folder}dist`, { recursive: true });
  await writeFile(outfile, code);
  await writeFile(`${outfile}.map`, codeMap);
  await writeFile(`${outfile}.br`, brotliCompressSync(code));
  return code;
}
