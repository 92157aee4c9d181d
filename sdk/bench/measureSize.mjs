/** Nothing in; bytes of each script as a page loads it, raw and by the same gzip, out. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { buildPeers, versionOf } from '../test/conformance/peers/build.mjs';

const folder = new URL('../', import.meta.url);
const PEERS = 'test/conformance/peers';
const FILES = {
  'eyeshot.js': ['dist/eyeshot.js'],
  'eyeshot-widget.js': ['dist/eyeshot-widget.js'],
  'snowplow tracker + element tracking, bundled for size': [`${PEERS}/dist/snowplow.js`],
  'snowplow tracker + element tracking, as published': [
    `${PEERS}/node_modules/@snowplow/browser-tracker/dist/index.umd.min.js`,
    `${PEERS}/node_modules/@snowplow/browser-plugin-element-tracking/dist/index.umd.min.js`,
  ],
  'react-intersection-observer without React, no transport': [`${PEERS}/dist/reactIntersectionObserver.js`],
  'hand-written observer, no transport': [`${PEERS}/dist/handWritten.js`],
};

export async function measureSize() {
  await buildPeers();
  const sizes = {};
  for (const [name, files] of Object.entries(FILES)) {
    const codes = await Promise.all(files.map((file) => readFile(new URL(file, folder))));
    sizes[name] = {
      raw: codes.reduce((sum, code) => sum + code.length, 0),
      gz: codes.reduce((sum, code) => sum + gzipSync(code, { level: 9 }).length, 0),
    };
  }
  return { snowplow_version: versionOf('@snowplow/browser-tracker'), files: sizes };
}
