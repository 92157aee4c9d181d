/** What the README says of the settings is what the code says. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { importSource } from './importSource.mjs';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
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
