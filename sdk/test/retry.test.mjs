/** What the collector answers, and what becomes of the batch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hears, LISTEN } from './lives.mjs';
import { FAR, link, look, openStage } from './stage.mjs';

const stage = openStage();

const identities = () => stage.collector.requests.map(({ body, status }) => [status, JSON.parse(body).n]);
/** Opens a page with one link in view and one far below. */
const openTwo = () => stage.open(stage.site.put('/', `${stage.sdk()}${LISTEN}${link('first')}${FAR}${link('second')}`));

for (const status of [408, 425, 429, 500, 503]) {
  test(`a batch answered ${status} is sent again under the same numbers`, async () => {
    stage.collector.answers.push({ status }, { status });
    await stage.open(stage.site.put('/', stage.sdk() + link('first')));
    await stage.eventsWith('first');
    assert.deepEqual(identities(), [[status, 0], [status, 0], [202, 0]]);
    const [first, second, third] = stage.collector.requests;
    const { st: sentAt, ...same } = JSON.parse(first.body);
    const { st: sentAgainAt, ...again } = JSON.parse(third.body);
    assert.deepEqual(again, same);
    assert.ok(sentAgainAt > sentAt, 'each attempt says when it was sent');
    // Chromium repeats a request that was answered 408 once on its own, at once.
    if (status !== 408) assert.ok(second.at - first.at >= 450 && third.at - second.at >= 950, 'it waits, and longer each time');
  });
}

test('the collector can ask for a longer wait', async () => {
  stage.collector.answers.push({ status: 503, headers: { 'retry-after': '4' } });
  await stage.open(stage.site.put('/', stage.sdk() + link('first')));
  await stage.eventsWith('first');
  const [first, second] = stage.collector.requests;
  assert.ok(second.at - first.at >= 4000, `waited ${second.at - first.at} ms`);
});

for (const status of [400, 403, 413]) {
  test(`a batch answered ${status} is dropped, and the next one goes on with the next number`, async () => {
    stage.collector.answers.push({ status });
    const tab = await openTwo();
    await hears(tab, 1);
    await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await stage.eventsWith('second');
    assert.deepEqual(identities(), [[status, 0], [202, 1]]);
    assert.deepEqual(await tab.evaluate(() => dropped), [[0, status]]);
  });
}

test('no answer is tried three times; then it waits for another reason, and is still the first to go', async () => {
  stage.collector.answers.push({}, {}, {});
  const tab = await openTwo();
  await hears(tab, 3);
  await look(3000);
  assert.deepEqual(identities(), [[0, 0], [0, 0], [0, 0]]);
  await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await stage.eventsWith('second');
  assert.deepEqual(identities(), [[0, 0], [0, 0], [0, 0], [202, 0], [202, 1]]);
});

test('while the collector is down, what is seen waits its turn', async () => {
  stage.collector.answers.push({ status: 503 }, { status: 503 });
  const tab = await openTwo();
  await hears(tab, 1);
  await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const events = await stage.eventsWith('second');
  assert.deepEqual(events.map(({ lb, n }) => [lb, n]), [['first', 0], ['second', 1]]);
});
