/** What the conformance run says of an engine that is not installed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('conformance/run.mjs', import.meta.url));

/** On a machine without any engine. */
async function run(t, environment) {
  const results = await mkdtemp(join(tmpdir(), 'eyeshot-absent-'));
  t.after(() => rm(results, { recursive: true }));
  const nowhere = Object.fromEntries(['CHROMIUM', 'FIREFOX', 'WEBKIT_DRIVER'].map((name) => [name, '/nowhere/browser']));
  const env = { PATH: '/nowhere', HOME: process.env.HOME, RESULTS: results, ...nowhere, ...environment };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  const code = await new Promise((done) => child.on('close', done));
  const result = await readFile(join(results, 'conformance.json'), 'utf8').then(JSON.parse, () => undefined);
  return { code, said, result };
}

test('an engine that was named and is not installed fails the run', async (t) => {
  const { code, said } = await run(t, { ENGINES: 'firefox' });
  assert.equal(code, 1);
  assert.match(said, /^engine=firefox skipped: .*nowhere/m);
});

test('engines that nobody named are skipped, and the result says which and why', async (t) => {
  const { code, said, result } = await run(t, {});
  assert.equal(code, 0);
  assert.deepEqual(result.absent.map(({ engine }) => engine), ['chromium', 'firefox', 'webkit']);
  assert.ok(result.absent.every(({ reason }) => reason));
  assert.deepEqual(result.engines, []);
  assert.doesNotMatch(said, /false=/);
});
