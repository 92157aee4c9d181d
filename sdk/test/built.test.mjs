/** What the build leaves: brotli beside each bundle, of exactly that bundle, because the collector serves it in its place. */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';

for (const file of ['eyeshot.js', 'eyeshot.mjs', 'eyeshot-widget.js', 'eyeshot-widget.mjs']) {
  test(`the brotli of ${file} is that of the file`, async () => {
    const built = new URL(`../dist/${file}`, import.meta.url);
    const code = await readFile(built);
    const brotli = await readFile(`${built.pathname}.br`);
    assert.deepEqual(brotliDecompressSync(brotli), code);
    assert.ok(brotli.length < code.length / 2);
  });
}
