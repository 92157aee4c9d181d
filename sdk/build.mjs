/** src/ in; the bundles of dist/ with their source maps and brotli for the collector out, and their sizes printed. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const folder = new URL('.', import.meta.url).pathname;
const { version } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
// Parts first: the bundles that load them carry their names and digests.
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
/** Of each format and part, [file, digest]: a part is named by its content, so that a script of another build cannot get it. */
const parts = { iife: {}, esm: {} };
// A part and the bundle that loads it call each other's private members by the same short names.
let names = {};

const before = await namedBefore();
for (const { entry, name, formats, part, goal, loads = [] } of bundles) {
  for (const format of formats) {
    const { file, code } = await bundle(entry, name, format, part, loads);
    if (part) parts[format][part] = [file, `sha256-${createHash('sha256').update(code).digest('base64')}`];
    const gzip = gzipSync(code, { level: 9 }).length;
    const verdict = goal ? ` (${gzip <= goal ? 'within' : 'over'} the goal of ${goal})` : '';
    console.log(`${file.padEnd(32)} ${Buffer.byteLength(code)} B raw, ${gzip} B gzip${verdict}`);
  }
}
await sweep();

async function bundle(entry, name, format, part, loads) {
  const suffix = format === 'esm' ? 'mjs' : 'js';
  const files = Object.fromEntries(loads.map((each) => [each, parts.iife[each]]));
  const { outputFiles, mangleCache } = await build({
    entryPoints: [`${folder}src/${entry}`],
    outfile: `${folder}dist/${name}.${suffix}`,
    format,
    bundle: true,
    write: false,
    minify: true,
    mangleProps: /^_[a-z]/i,
    mangleCache: names,
    sourcemap: 'external',
    target: TARGET,
    plugins: [{ name: 'parts', setup: (plan) => plan.onResolve({ filter: /^\.\/eyeshot-\w+\.mjs$/ }, importPart) }],
    define: { VERSION: JSON.stringify(version), ESM: String(format === 'esm'), PARTS: JSON.stringify(files) },
    banner: { js: `/*! Eyeshot ${version} · Apache-2.0 */` },
    logLevel: 'warning',
  });
  names = mangleCache;
  const [map, bundled] = outputFiles.map(({ text }) => text);
  const minified = await minify(bundled, {
    module: format === 'esm',
    ecma: 2020,
    compress: { passes: 6, unsafe_arrows: true },
    sourceMap: { content: map, includeSources: true },
  });
  const hash = part ? `.${createHash('sha256').update(minified.code).digest('hex').slice(0, 6)}` : '';
  const file = `${name}${hash}.${suffix}`;
  const code = `${minified.code}\n//# sourceMappingURL=${file}.map`;
  await mkdir(`${folder}dist`, { recursive: true });
  await writeFile(`${folder}dist/${file}`, code);
  await writeFile(`${folder}dist/${file}.map`, JSON.stringify({ ...JSON.parse(minified.map), file }));
  await writeFile(`${folder}dist/${file}.br`, brotliCompressSync(code));
  return { file, code };
}

/** The import of a part, under the name that the file has in this build. */
function importPart({ path }) {
  const [, part] = /^\.\/eyeshot-(\w+)\.mjs$/.exec(path);
  return { path: `./${parts.esm[part][0]}`, external: true };
}

/** The code of the bundles that are there: browsers may have kept them, and ask for the parts they name. Nothing for a package. */
async function namedBefore() {
  if (process.argv.includes('--package')) return '';
  const files = bundles.flatMap(({ name }) => [`${name}.js`, `${name}.mjs`]);
  const codes = await Promise.all(files.map((file) => readFile(`${folder}dist/${file}`, 'utf8').catch(() => '')));
  return codes.join('\n');
}

/** Removes the parts that neither this build nor the one before it names. */
async function sweep() {
  const current = Object.values(parts).flatMap((each) => Object.values(each).map(([file]) => file));
  for (const file of await readdir(`${folder}dist`)) {
    const name = file.replace(/(\.map|\.br)+$/, '');
    const isPart = /^eyeshot-(fallback|frames|alone)\./.test(name);
    if (isPart && !current.includes(name) && !before.includes(name)) await rm(`${folder}dist/${file}`);
  }
}
