/** A file of src/ in; its exports out, as they are before the build renames what is private. */
import { build } from 'esbuild';

const VERSION = '0.1.0';

export async function importSource(file) {
  const { outputFiles } = await build({
    entryPoints: [new URL(`../src/${file}`, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    external: ['./eyeshot-*.mjs'],
    define: { VERSION: JSON.stringify(VERSION), ESM: 'true', PARTS: '{}' },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
