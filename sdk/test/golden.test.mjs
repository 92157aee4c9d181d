/** What the golden examples say of a batch is what the SDK says; tests/unit/test_golden.py says the same of the collector. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { importSource } from './importSource.mjs';

const golden = async (name) => JSON.parse(await readFile(new URL(`../../tests/golden/${name}.json`, import.meta.url)));
const examples = await golden('batches');
const envelopes = await golden('envelopes');
const { isEvent } = await importSource('isEvent.ts');
const { groupIntoBatches } = await importSource('groupIntoBatches.ts');
const { createId } = await importSource('createId.ts');
const { describe } = await importSource('describe.ts');
const { stripUrl } = await importSource('openView.ts');
const { text } = await importSource('readValues.ts');

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

test('half of a character, which no JSON of the collector can hold, is not taken of a widget', () => {
  const [event] = examples[0].batch.e;
  assert.equal(isEvent({ ...event, lb: 'boot \ud83d\udc62' }), true);
  for (const wrong of [{ lb: 'boot \ud83d' }, { w: '\udc62' }, { x: { '\ud83d': 1 } }, { x: { a: '\ud83d' } }])
    assert.equal(isEvent({ ...event, ...wrong }), false);
});

/** What the SDK makes of what a batch's field is made of; for the others it is given no choice. */
const MAKERS = {
  s: (site) => text('site', site ?? undefined),
  p: stripUrl,
};

for (const { about, change, accepted } of envelopes) {
  const [[name, value]] = Object.entries(change);
  if (!MAKERS[name]) continue;
  test(`a batch is such that the collector takes it: ${about}`, () => {
    if (accepted) return assert.equal(MAKERS[name](value), value);
    let made;
    try {
      made = MAKERS[name](value);
    } catch (error) {
      return assert.match(error.message, /must be 1 to 64 characters/);
    }
    assert.ok(made.length < value.length && value.startsWith(made));
  });
}

for (const { about, change } of envelopes.filter(({ change: { events } }) => events)) {
  test(`batches are cut where the collector wants it: ${about}`, () => {
    [globalThis.innerWidth, globalThis.innerHeight] = [1280, 720];
    const view = { _id: createId(), _page: '', _referrer: '' };
    const items = Array.from({ length: change.events }, (_, i) => ({ _view: view, _source: 'page', _sequence: i, _event: { et: 'x', ts: 0 } }));
    const made = groupIntoBatches(items, 'demo');
    assert.deepEqual(made.map(({ n, e }) => [n, e.length]), change.events > 500 ? [[0, 500], [500, change.events - 500]] : [[0, change.events]]);
  });
}

test('a page view has such a name as the examples have', () => {
  const [good] = envelopes.filter(({ change: { pv }, accepted }) => pv && accepted).map(({ change }) => change.pv);
  for (let i = 0; i < 100; i++) {
    const made = createId();
    assert.equal(made.length, good.length);
    assert.match(made, /^[\w-]*$/);
  }
});

for (const label of examples.flatMap(({ batch }) => batch.e.map(({ lb }) => lb)).filter((lb) => typeof lb === 'string' && lb)) {
  test(`a label of ${label.length} units is cut to what the collector takes: ${label.slice(-20)}`, () => {
    globalThis.ShadowRoot ??= class {};
    const element = { matches: () => true, closest: () => null, getRootNode: () => ({}), getAttribute: () => label, href: 'https://shop.example/' };
    const event = describe(element, { _selector: 'a' });
    assert.ok(label.startsWith(event.lb) && event.lb.length > Math.min(label.length, 256) - 2);
    assert.ok(isEvent(event));
  });
}
