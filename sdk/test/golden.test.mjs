/** What the golden examples say of a batch is what the SDK says; tests/unit/test_golden.py says the same of the collector. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { importSource } from './importSource.mjs';

const examples = JSON.parse(await readFile(new URL('../../tests/golden/batches.json', import.meta.url)));
const { isEvent } = await importSource('isEvent.ts');
const { groupIntoBatches } = await importSource('groupIntoBatches.ts');

for (const { about, batch, rejected } of examples) {
  test(`a page takes of its widgets what the collector would take: ${about}`, () => {
    const refused = batch.e.flatMap((event, index) => (isEvent(event) ? [] : [index]));
    assert.deepEqual(refused, rejected);
  });

  test(`events are put into the very batch: ${about}`, () => {
    [globalThis.innerWidth, globalThis.innerHeight] = batch.vp;
    const view = { _id: batch.pv, _page: batch.p, _referrer: '' };
    const items = batch.e.map((event, i) => ({ _view: view, _source: batch.so, _sequence: batch.n + i, _event: event }));
    const [made, ...more] = groupIntoBatches(items, batch.s);
    assert.deepEqual(more, []);
    assert.deepEqual(JSON.parse(JSON.stringify({ ...made, st: batch.st })), batch);
  });
}
