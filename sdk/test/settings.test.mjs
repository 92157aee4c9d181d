/** The settings of delivery do what their sentences say, and a beacon that nobody took is not the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLeft, kept, openAndSee } from './lives.mjs';
import { labels, link, openStage, until } from './stage.mjs';

const stage = openStage();
const bare = () => stage.site.put('/bare', 'nothing here');
const next = (attributes) => stage.site.put('/next', stage.sdk(attributes) + link('sentinel'));
const lastAt = ({ e }) => Math.max(...e.map(({ ts }) => ts));

test('a batch leaves so long after its last event as the page says', async () => {
  await stage.open(stage.site.put('/', stage.sdk('data-after-last-ms="300"') + link('first')));
  await stage.eventsWith('first');
  const [batch] = stage.collector.batches();
  const waited = batch.st - lastAt(batch);
  assert.ok(waited >= 290 && waited < 1900, `${waited} ms`);
});

test('a batch leaves at the latest so long after its first event as the page says', async () => {
  await stage.open(stage.site.put('/', stage.sdk('data-after-last-ms="60000" data-after-first-ms="600"') + link('first')));
  await stage.eventsWith('first');
  const [batch] = stage.collector.batches();
  const waited = batch.st - batch.e[0].ts;
  assert.ok(waited >= 590 && waited < 4900, `${waited} ms`);
});

/** Leaves a beacon in doubt, so many ms older than it is. */
async function leave({ seenMs = 0, doubtMs = 0 }) {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  await isLeft(tab);
  await tab.evaluate((seenBy, doubtBy) => {
    for (const [key, text] of Object.entries({ ...localStorage })) {
      const { t, q } = JSON.parse(text);
      for (const each of q) {
        each[1] -= doubtBy;
        for (const event of each[0].e) event.ts -= seenBy;
      }
      localStorage.setItem(key, JSON.stringify({ t, q }));
    }
  }, seenMs, doubtMs);
  return tab;
}

const BOUNDS = {
  'how old what waits may be': ['data-queue-ms="60000"', { seenMs: 61_000 }, { seenMs: 1000 }],
  'how long what may have arrived is sent again': ['data-doubt-ms="60000"', { doubtMs: 61_000 }, { doubtMs: 1000 }],
};

for (const [what, [attribute, over, under]] of Object.entries(BOUNDS)) {
  test(`the page says ${what}`, async () => {
    const old = await leave(over);
    await old.goto(next(attribute));
    assert.deepEqual(labels(await stage.eventsWith('sentinel')), ['sentinel'], 'given up');
    await until(async () => !(await kept(old)).length, 'empty storage');
    await old.close();
    stage.collector.requests.length = 0;
    const young = await leave(under);
    await young.goto(next(attribute));
    assert.deepEqual(labels(await stage.eventsWith('sentinel')), ['first', 'sentinel'], 'sent');
  });
}

for (const [random, waitMs] of [[0.25, 625], [0.75, 875]]) {
  test(`the wait after a failure is between half and all of a second: ${waitMs} ms where chance says ${random}`, async () => {
    stage.collector.answers.push({ status: 503 });
    const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')), (fresh) =>
      fresh.evaluateOnNewDocument((value) => {
        Math.random = () => value;
        window.waits = [];
        const real = setTimeout;
        window.setTimeout = (fn, ms) => {
          waits.push(ms);
          return real(fn, ms);
        };
      }, random));
    await stage.eventsWith('first');
    const waits = await tab.evaluate(() => window.waits);
    assert.ok(waits.includes(waitMs), JSON.stringify(waits));
  });
}

test('a Retry-After that is a date is not waited for', async () => {
  stage.collector.answers.push({ status: 503, headers: { 'retry-after': 'Fri, 31 Dec 2099 23:59:59 GMT' } });
  await stage.open(stage.site.put('/', stage.sdk() + link('first')));
  await stage.eventsWith('first');
  assert.deepEqual(stage.collector.requests.map(({ status }) => status), [503, 202]);
});

test('a beacon that is refused, even when smaller, and gets no answer by fetch, is kept for the next page', async () => {
  const tab = await openAndSee(stage, link('first'), 1, {
    prepare: (fresh) => fresh.evaluateOnNewDocument(() => { navigator.sendBeacon = () => false; }),
  });
  stage.collector.answers.push(...Array(9).fill({ status: 0 }));
  await tab.goto(bare());
  const numbers = () => new Set(stage.collector.requests.map(({ body }) => JSON.parse(body).n));
  await until(() => numbers().size === 2, 'both halves by fetch', stage.collector.requests);
  assert.deepEqual(await kept(tab), [[0, 1, true], [1, 1, true]]);
  stage.collector.answers.length = 0;
  await tab.goto(next());
  await stage.eventsWith('first');
  await until(async () => !(await kept(tab)).length, 'empty storage');
  const ends = stage.collector.allEvents().filter(({ et }) => et === 'page_end');
  assert.deepEqual(ends.map(({ n }) => n), [1]);
});
