/** When a batch leaves, and what is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { link, look, openStage, until } from './stage.mjs';

const stage = openStage();

const many = (count, href = (i) => `https://example.org/${i}`) =>
  Array.from({ length: count }, (_, i) => link(`link ${i}`, 'height:8px;font-size:6px;line-height:8px', href(i))).join('');
const lastAt = ({ e }) => Math.max(...e.map(({ ts }) => ts));

test('twenty events leave at once, the rest 2 s after the last one', async () => {
  await stage.open(stage.site.put('/', stage.sdk() + many(45)));
  await stage.events((events) => events.length >= 45, '45 events');
  const batches = stage.collector.batches();
  assert.deepEqual(batches.map(({ n, e }) => [n, e.length]), [[0, 20], [20, 20], [40, 5]]);
  const [first, , rest] = batches;
  assert.ok(first.st - lastAt(first) < 1500, `waited ${first.st - lastAt(first)} ms`);
  assert.ok(rest.st - lastAt(rest) >= 1990, `waited ${rest.st - lastAt(rest)} ms`);
});

test('an event never waits longer than 5 s, however many follow it', async () => {
  const tab = await stage.open(stage.site.put('/', `${stage.sdk()}${link('clicked', 'height:40px', '#here')}`));
  const clickUntilSent = async () => {
    await tab.click('[data-eyeshot-link]');
    await look(700);
    return stage.collector.batches().length > 0;
  };
  await until(clickUntilSent, 'batch', stage.collector.requests);
  const [batch] = stage.collector.batches();
  const waited = batch.st - batch.e[0].ts;
  assert.ok(batch.e.length >= 4, `${batch.e.length} events`);
  assert.ok(waited >= 4990 && waited < 6500, `the first event waited ${waited} ms`);
  assert.ok(batch.st - lastAt(batch) < 1990, 'the last event was not what sent it');
});

test('a batch stays under the limit of 60 KB, and the parts keep their numbers', async () => {
  const long = (i) => `https://example.org/${'x'.repeat(2000)}${i}`;
  await stage.open(stage.site.put('/', stage.sdk() + many(20, (i) => long(i) + '%22'.repeat(0))), (tab) =>
    // Events as big as they may be: labels of 256 characters with 3 bytes each, twice escaped.
    tab.evaluateOnNewDocument(() => {
      addEventListener('DOMContentLoaded', () => {
        for (const a of document.links) a.dataset.eyeshotLink = `${a.text} ${'\u0001'.repeat(248)}`;
      });
    }),
  );
  const events = await stage.events((all) => all.length >= 20, '20 events');
  assert.deepEqual(events.map(({ n }) => n), [...Array(20).keys()]);
  assert.ok(stage.collector.batches().length > 1, 'it had to be split');
  for (const { body } of stage.collector.requests) assert.ok(Buffer.byteLength(body) <= 60_100);
});

test('a request needs no preflight and carries no cookie', async () => {
  await stage.open(stage.site.put('/', stage.sdk() + link('first')));
  await stage.eventsWith('first');
  const [{ method, headers }, ...more] = stage.collector.requests;
  assert.deepEqual(more, []);
  assert.equal(method, 'POST');
  assert.match(headers['content-type'], /^text\/plain/);
  assert.equal(headers.cookie, undefined);
});

test('what was done is told to whoever listens, and a listener that throws harms nobody', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')));
  await tab.evaluate(() => {
    window.told = [];
    eyeshot.on('seen', () => { throw new Error('a bad listener'); });
    eyeshot.on('seen', ({ event, source, sequence }) => told.push(['seen', event.lb, source, sequence]));
    eyeshot.on('sent', ({ batch, by }) => told.push(['sent', batch.e.length, by]));
    eyeshot.on('answered', ({ status, body }) => told.push(['answered', status, body]));
  });
  await until(() => tab.evaluate(() => told.length >= 3), 'three calls', stage.warnings);
  assert.deepEqual(await tab.evaluate(() => told), [
    ['seen', 'first', 'page', 0],
    ['sent', 1, 'fetch'],
    ['answered', 202, '{}'],
  ]);
  assert.match(stage.warnings.join(), /a bad listener/);
});
