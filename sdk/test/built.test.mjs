/** What the build leaves: what old browsers can read, maps that lead back to the source, and brotli of exactly each bundle. */
import { strict as assert } from 'node:assert';
import { readdir, readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { parse } from 'acorn';
import { builtName } from './builtName.mjs';

const dist = new URL('../dist/', import.meta.url);
const files = (await readdir(dist)).filter((file) => /\.m?js$/.test(file));
const read = (file) => readFile(new URL(file, dist), 'utf8');

/** Text that stays as it is, and the file of src/ that it is from. */
const KNOWN = {
  'eyeshot.js': { 'could not be loaded': 'loadPart.ts', link_click: 'track.ts', 'retry-after': 'post.ts' },
  'eyeshot.mjs': { link_click: 'track.ts', 'retry-after': 'post.ts' },
  'eyeshot-widget.js': { page_view_id: 'reportThroughPage.ts' },
  'eyeshot-frames.js': { frame_hidden: 'judge.ts' },
  'eyeshot-fallback.mjs': { transitionend: 'followMoves.ts' },
};

for (const [name, texts] of Object.entries(KNOWN)) {
  test(`the source map of ${name} leads from what runs to the line that says it`, async () => {
    const file = await builtName(name);
    const lines = (await read(file)).split('\n');
    const map = new SourceMap(JSON.parse(await read(`${file}.map`)));
    for (const [text, source] of Object.entries(texts)) {
      const line = lines.findIndex((each) => each.includes(text));
      const { originalSource, originalLine } = map.findEntry(line, lines[line].indexOf(text));
      assert.equal(originalSource, `../src/${source}`);
      const original = (await readFile(new URL(originalSource, dist), 'utf8')).split('\n');
      assert.ok(original[originalLine].includes(text), `${text} is not in line ${originalLine + 1} of ${source}`);
    }
  });
}

for (const file of files) {
  test(`${file} is ECMAScript 2021, which docs/sdk.md promises, names its licence and its source map`, async () => {
    const code = await read(file);
    parse(code, { ecmaVersion: 2021, sourceType: file.endsWith('.mjs') ? 'module' : 'script' });
    assert.match(code, /^\/\*! Eyeshot \S+ · Apache-2\.0 \*\/\n/);
    assert.ok(code.trimEnd().endsWith(`//# sourceMappingURL=${file}.map`));
  });

  test(`the brotli of ${file} is that of the file`, async () => {
    const brotli = await readFile(new URL(`${file}.br`, dist));
    const code = await readFile(new URL(file, dist));
    assert.deepEqual(brotliDecompressSync(brotli), code);
    assert.ok(brotli.length < code.length * 0.7);
  });
}
