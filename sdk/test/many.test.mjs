/** Widgets with more links than a message at a time would be let through, and what a page does not take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importSource } from './importSource.mjs';
import { openStage } from './stage.mjs';

const stage = openStage();
const LINKS = 150;

test('a widget with 150 links in view loses none', async () => {
  const html = Array.from(
    { length: LINKS },
    (_, i) => `<a href="#${i}" data-eyeshot-link="n${i}" style="display:inline-block;width:24px;height:12px;font-size:8px">${i}</a>`,
  ).join('');
  const widget = stage.other.put('/widget', stage.sdk('data-widget="many"', 'eyeshot-widget.js') + html);
  const frame = `<iframe src="${widget}" width="700" height="400"></iframe>`;
  await stage.open(stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + frame));
  const seen = (events) => events.filter(({ et, so }) => et === 'link_impression' && so === 'widget1');
  const events = seen(await stage.events((all) => seen(all).length >= LINKS, 'all of them'));
  assert.equal(new Set(events.map(({ lb }) => lb)).size, LINKS);
});

const { readReport } = await importSource('readReport.ts');
const report = (event, more) => readReport({ page_view_id: 'v', sequence: 0, event: { et: 'x', ts: 1, ...event }, ...more });
const properties = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 'x'.repeat(1000)]));

test('a report is taken up to 8,192 characters, and up to number 9,999', () => {
  assert.equal(report({}).event.pl, 'widget');
  assert.ok(report({ x: properties(7) }));
  assert.equal(report({ x: properties(9) }), undefined);
  assert.ok(report({}, { sequence: 9999 }));
  assert.equal(report({}, { sequence: 10_000 }), undefined);
});
