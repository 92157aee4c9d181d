/** src/ in; the four bundles of dist/ with their source maps out, and their sizes printed. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const folder = new URL('.', import.meta.url).pathname;
const { version } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
const bundles = [
  { entry: 'page.script.ts', file: 'eyeshot.js', format: 'iife', goal: 4500 },
  { entry: 'widget.script.ts', file: 'eyeshot-widget.js', format: 'iife', goal: 2500 },
  { entry: 'page.ts', file: 'eyeshot.mjs', format: 'esm', goal: 4500 },
  { entry: 'widget.ts', file: 'eyeshot-widget.mjs', format: 'esm', goal: 2500 },
];

for (const { entry, file, format, goal } of bundles) {
  const outfile = `${folder}dist/${file}`;
  await build({
    entryPoints: [`${folder}src/${entry}`],
    outfile,
    format,
    bundle: true,
    minify: true,
    mangleProps: /^_/,
    sourcemap: true,
    target: 'es2020',
    define: { VERSION: JSON.stringify(version) },
    banner: { js: `/*! Eyeshot ${version} · Apache-2.0 */` },
    logLevel: 'warning',
  });
  const code = await readFile(outfile);
  const gzip = gzipSync(code, { level: 9 }).length;
  const verdict = gzip <= goal ? 'within' : 'over';
  console.log(`${file.padEnd(20)} ${code.length} B raw, ${gzip} B gzip (${verdict} the goal of ${goal})`);
}
