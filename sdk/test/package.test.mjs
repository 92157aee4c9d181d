/** What `npm pack` makes, as its users meet it: the list of its files, links that lead somewhere, types in every resolution. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const sdk = fileURLToPath(new URL('../', import.meta.url));
const LEFT_OUT = ['node_modules', 'dist', 'test', 'bench', 'results', 'verify'];
let folder;
let user;
let own;

/** Packed in a copy without dist: the tests beside this one read that of the checkout. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eyeshot-package-'));
  const copy = join(folder, 'sdk');
  user = join(folder, 'user');
  own = join(user, 'node_modules/eyeshot');
  await mkdir(copy);
  for (const name of await readdir(sdk)) if (!LEFT_OUT.includes(name)) await cp(join(sdk, name), join(copy, name), { recursive: true });
  await symlink(join(sdk, 'node_modules'), join(copy, 'node_modules'));
  await mkdir(join(copy, 'dist/0.0.1'), { recursive: true });
  await writeFile(join(copy, 'dist/0.0.1/eyeshot.js'), 'of an older version');
  await writeFile(join(copy, 'dist/eyeshot-frames.000000.js'), 'of another build');
  await run('npm', ['pack', '--silent', '--offline', '--pack-destination', folder], { cwd: copy });
  await mkdir(own, { recursive: true });
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', join(folder, tarball), '-C', own, '--strip-components=1']);
});
after(() => rm(folder, { recursive: true }));

test('a package packed without dist holds what its users need, and nothing else', async () => {
  const names = (await readdir(own, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  const files = names.map(({ parentPath, path, name }) => join(parentPath ?? path, name).slice(own.length + 1));
  const mapped = (file) => [file, `${file}.map`];
  assert.deepEqual(
    files.map((file) => file.replace(/\.[0-9a-f]{6}\./, '.<hash>.')).sort(),
    [
      'LICENSE',
      'README.md',
      'package.json',
      'dist/eyeshot-debug.d.ts',
      ...['eyeshot', 'eyeshot-widget', 'eyeshot-tcf'].map((name) => `dist/${name}.d.mts`),
      ...['eyeshot', 'eyeshot-widget', 'eyeshot-tcf', 'eyeshot-debug'].flatMap((name) => mapped(`dist/${name}.js`)),
      ...['eyeshot', 'eyeshot-widget', 'eyeshot-tcf'].flatMap((name) => mapped(`dist/${name}.mjs`)),
      ...['fallback', 'frames', 'alone'].flatMap((part) => ['js', 'mjs'].flatMap((kind) => mapped(`dist/eyeshot-${part}.<hash>.${kind}`))),
    ].sort(),
  );
  assert.equal(await readFile(join(own, 'LICENSE'), 'utf8'), await readFile(join(sdk, '../LICENSE'), 'utf8'));
});

test('no link of its README leads out of the package', async () => {
  const readme = await readFile(join(own, 'README.md'), 'utf8');
  assert.deepEqual(readme.match(/\]\((?!https:|#)[^)]*\)/g), null);
});

const RIGHT = `
import { consent, init, inspect, on, type Inspection, type PageOptions, type WireBatch } from 'eyeshot';
import * as widget from 'eyeshot/widget';
import { followTcf } from 'eyeshot/tcf';
import 'eyeshot/debug';

const options: PageOptions = { site: 'demo', endpoint: 'https://collect.example/v1/events', widgetOrigins: ['https://widgets.example'] };
init(options);
widget.init({ site: 'demo', endpoint: options.endpoint, widget: 'w' });
followTcf(consent, { vendor: '755' });
on('sent', ({ batch, by }) => { const sent: WireBatch = batch; console.log(sent.e[0]?.lb?.length, by === 'beacon'); });
const found: Inspection | undefined = inspect(document.body);
console.log(found?.rules[0]?.needMs.toFixed());
`;
const WRONG = `
import { init, on } from 'eyeshot';
import * as widget from 'eyeshot/widget';
init({ site: 1 });
widget.init({ site: 'demo', endpoint: '' });
on('gone', () => {});
`;

for (const [resolution, module] of [['nodenext', 'nodenext'], ['node16', 'node16'], ['bundler', 'esnext']]) {
  test(`its types are right under moduleResolution ${resolution}`, async () => {
    const place = join(user, resolution);
    await mkdir(place);
    await writeFile(join(place, 'package.json'), '{ "type": "module" }');
    const compilerOptions = { module, moduleResolution: resolution, target: 'es2022', lib: ['es2022', 'dom'], types: [], strict: true, noEmit: true };
    await writeFile(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const compile = () => run(join(sdk, 'node_modules/.bin/tsc'), ['--pretty', 'false'], { cwd: place }).then(() => '', ({ stdout }) => stdout);
    await writeFile(join(place, 'used.ts'), RIGHT);
    assert.equal(await compile(), '');
    await writeFile(join(place, 'used.ts'), WRONG);
    const lines = (await compile()).match(/^used\.ts\(\d+/gm);
    assert.deepEqual(lines, ['used.ts(4', 'used.ts(5', 'used.ts(6']);
  });
}

test('a bundler finds its modules with their parts', async () => {
  const entry = join(user, 'bundled.js');
  await writeFile(entry, "import { init } from 'eyeshot'; import { init as join } from 'eyeshot/widget'; init({}); join({});");
  const { metafile } = await build({ entryPoints: [entry], bundle: true, splitting: true, format: 'esm', outdir: join(folder, 'out'), metafile: true, logLevel: 'silent' });
  const inputs = Object.keys(metafile.inputs).map((file) => /eyeshot-?(\w*)[^/]*\.mjs$/.exec(file)?.[1]);
  assert.deepEqual(new Set(inputs), new Set([undefined, '', 'widget', 'fallback', 'frames', 'alone']));
});
