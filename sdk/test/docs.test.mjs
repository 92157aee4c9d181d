/** What the docs say of the settings and names is what the code says. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { importSource } from './importSource.mjs';

const read = (path) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const readme = await read('README.md');
const { NUMBERS } = await importSource('readSettings.ts');
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

for (const [name, [standard, min, max]] of Object.entries(NUMBERS)) {
  test(`${name} is in the README with its default and its bounds`, () => {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`data-${kebab(name)}\` | \`${name}\` |`));
    assert.ok(row, `there is no row for data-${kebab(name)}`);
    assert.equal(row.split('|')[3].trim(), String(standard));
    assert.ok(row.includes(`${min}…${max.toLocaleString('en')}`), row);
  });
}

const configuration = await read('../docs/sdk-configuration.md');
const sources = (await Promise.all((await readdir(new URL('../src', import.meta.url))).map((name) => read(`src/${name}`)))).join('\n');
const pages = ['README.md', '../docs/sdk.md', ...(await readdir(new URL('../../docs/sdk', import.meta.url))).map((name) => `../docs/sdk/${name}`)];

for (const path of pages) {
  test(`every attribute and event that ${path} names is there`, async () => {
    const text = await read(path);
    for (const [attribute] of text.matchAll(/data-eyeshot-[a-z-]*[a-z]/g))
      assert.ok(sources.includes(attribute) || findRulesReads(attribute), `${attribute} is in no source`);
    for (const [attribute] of text.matchAll(/\bdata-(?!eyeshot)[a-z-]*[a-z]/g))
      assert.ok(configuration.includes(`\`${attribute}\``) || isOfTcf(attribute), `${attribute} is no setting`);
    for (const [, name] of text.matchAll(/eyeshot\.on\('([a-z]+)'/g)) assert.match(sources, new RegExp(`^  ${name}: \\{`, 'm'));
  });
}

const findRulesReads = (attribute) => sources.includes(`read('${attribute.replace('data-eyeshot-', '')}')`);
const isOfTcf = (attribute) => ['data-purposes', 'data-vendor'].includes(attribute);

test('what make verify advises to read is there', async () => {
  const diagnose = await read('verify/diagnose.mjs');
  const advised = [...diagnose.matchAll(/docs\/[a-z/-]+\.md/g)].map(([path]) => path);
  assert.ok(advised.length);
  await Promise.all(advised.map((path) => read(`../${path}`)));
});
