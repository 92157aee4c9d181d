/** A build over another: a browser may have kept a script of the one before, which asks for the parts of its own build. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { builtName } from './builtName.mjs';

const sdk = fileURLToPath(new URL('../', import.meta.url));
const PARTS = ['fallback', 'frames', 'alone'].flatMap((part) => [`eyeshot-${part}.js`, `eyeshot-${part}.mjs`]);

test('the parts of the build before stay, those of earlier ones go, and a package has its own only', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'eyeshot-rebuilt-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of ['src', 'build.mjs', 'package.json']) await cp(join(sdk, name), join(folder, name), { recursive: true });
  await symlink(join(sdk, 'node_modules'), join(folder, 'node_modules'));
  const build = async (version, ...options) => {
    const described = JSON.parse(await readFile(join(sdk, 'package.json')));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...described, version }));
    await promisify(execFile)(process.execPath, ['build.mjs', ...options], { cwd: folder });
    const dist = pathToFileURL(`${folder}/dist/`);
    return Promise.all(PARTS.map((name) => builtName(name, dist)));
  };
  const there = async () => new Set((await readdir(join(folder, 'dist'))).filter((file) => /\.[0-9a-f]{6}\.m?js$/.test(file)));

  const first = await build('1.0.0');
  const second = await build('1.0.1');
  assert.deepEqual(await there(), new Set([...first, ...second]));
  assert.equal((await there()).size, 2 * PARTS.length);
  const third = await build('1.0.2');
  assert.deepEqual(await there(), new Set([...second, ...third]));
  assert.deepEqual(await build('1.0.2', '--package'), third);
  assert.deepEqual(await there(), new Set(third));
});
