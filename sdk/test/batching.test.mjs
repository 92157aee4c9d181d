/** When a batch leaves, and what is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LISTEN } from './lives.mjs';
import { link, look, openStage, until } from './stage.mjs';

const stage = openStage();

const many = (count, href = (i) => `https://example.org/${i}`) =>
  Array.from({ length: count }, (_, i) => link(`link ${i}`, 'height:8px;font-size:6px;line-height:8px', href(i))).join('');
const lastAt = ({ e }) => Math.max(...e.map(({ ts }) => ts));

test('twenty events leave at once, the rest 2 s after the last one', async () => {
  // The script comes last: it finds all of them at once, however slowly the page is parsed.
  const note = "<script>eyeshot.on('sent', ({ batch }) => { if (!batch.n) window.seenBefore = seen.length; })</script>";
  const tab = await stage.open(stage.site.put('/', many(45) + stage.sdk() + LISTEN + note));
  await stage.events((events) => events.length >= 45, '45 events');
  const batches = stage.collector.batches();
  assert.deepEqual(batches.map(({ n, e }) => [n, e.length]), [[0, 20], [20, 20], [40, 5]]);
  const rest = batches[2];
  assert.equal(await tab.evaluate(() => seenBefore), 19, 'it left with the twentieth, before anybody was told of that');
  assert.ok(rest.st - lastAt(rest) >= 1990, `waited ${rest.st - lastAt(rest)} ms`);
});

test('an event never waits longer than 5 s, however many follow it', async () => {
  // Timers of one page come in the order of their times, however late.
  const note = "<script>eyeshot.on('seen', () => { window.control ??= setTimeout(() => { window.inTime = sent.length > 0; }, 6500); })</script>";
  const html = stage.sdk('data-after-last-ms="60000"') + LISTEN + note + link('clicked', 'height:40px', '#here');
  const tab = await stage.open(stage.site.put('/', html.replace('<a ', '<a data-eyeshot-duration-ms="60000" ')));
  await tab.click('a', { count: 4 });
  const clickUntilSent = async () => {
    await tab.click('a');
    await look(700);
    return stage.collector.batches().length > 0;
  };
  await until(clickUntilSent, 'batch', stage.collector.requests);
  const [batch] = stage.collector.batches();
  const waited = batch.st - batch.e[0].ts;
  assert.ok(batch.e.length >= 4, `${batch.e.length} events`);
  assert.ok(waited >= 4990, `the first event waited ${waited} ms`);
  await tab.waitForFunction(() => window.inTime !== undefined, { polling: 20 });
  assert.ok(await tab.evaluate(() => inTime), 'it left before a timer of 6.5 s came');
});

test('a batch stays under the limit of 60 KB, and the parts keep their numbers', async () => {
  const long = (i) => `https://example.org/${'x'.repeat(2000)}${i}`;
  // Events as big as they may be: labels of 256 characters with 3 bytes each, twice escaped.
  const lengthen = '<script>for (const a of document.links) a.dataset.eyeshotLink = `${a.text} ${"\\u0001".repeat(248)}`;</script>';
  await stage.open(stage.site.put('/', many(20, long) + lengthen + stage.sdk()));
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
  const listen = () => {
    window.told = [];
    eyeshot.on('seen', () => { throw new Error('a bad listener'); });
    eyeshot.on('seen', ({ event, source, sequence }) => told.push(['seen', event.lb, source, sequence]));
    eyeshot.on('sent', ({ batch, by }) => told.push(['sent', batch.e.length, by]));
    eyeshot.on('answered', ({ status, body }) => told.push(['answered', status, body]));
  };
  const tab = await stage.open(stage.site.put('/', `${stage.sdk()}<script>(${listen})()</script>${link('first')}`));
  await until(() => tab.evaluate(() => told.length >= 3), 'three calls', stage.warnings);
  assert.deepEqual(await tab.evaluate(() => told), [
    ['seen', 'first', 'page', 0],
    ['sent', 1, 'fetch'],
    ['answered', 202, '{}'],
  ]);
  assert.match(stage.warnings.join(), /a bad listener/);
});
