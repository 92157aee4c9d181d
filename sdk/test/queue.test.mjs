/** What waits outlives the page: nothing is forgotten before a 202, nothing is counted twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kept, openAndSee } from './lives.mjs';
import { FAR, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage({ without: ['--disable-back-forward-cache'] });

const next = (html = '') => stage.site.put('/next', stage.sdk() + html);
const bare = () => stage.site.put('/bare', 'nothing here');
const identities = () => stage.collector.batches().map(({ n, e }) => [n, e.length]);

async function crash(tab) {
  const session = await tab.createCDPSession();
  void session.send('Page.crash').catch(() => {});
  await new Promise((crashed) => tab.once('error', crashed));
}

test('what is seen is written down before it is sent, and nothing is left of it after the 202', async () => {
  const tab = await openAndSee(stage, link('first'), 1);
  assert.deepEqual(await kept(tab), [[0, 1, false]]);
  await stage.eventsWith('first');
  await until(async () => !(await kept(tab)).length, 'empty storage');
  assert.equal(await tab.evaluate(() => localStorage.length), 0);
});

test('a tab that crashes loses nothing: the next one sends it', async () => {
  const tab = await openAndSee(stage, link('first') + link('second'), 2);
  await crash(tab);
  await stage.open(next());
  assert.deepEqual(labels(await stage.eventsWith('second')), ['first', 'second']);
});

test('a beacon that the collector could not take is sent again by the next page', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  assert.deepEqual(await kept(tab), [[0, 2, true]], 'the impression and the final count');
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
  await until(async () => !(await kept(tab)).length, 'empty storage');
});

test('a beacon that arrived is confirmed under the same numbers when the tab is seen again', async () => {
  const elsewhere = await stage.open(bare());
  const tab = await openAndSee(stage, link('first'), 1);
  await elsewhere.bringToFront();
  await stage.eventsWith('first');
  assert.deepEqual(await kept(tab), [[0, 2, true]]);
  await tab.bringToFront();
  await until(async () => !(await kept(tab)).length, 'empty storage', identities());
  assert.deepEqual(identities(), [[0, 2], [0, 2]]);
  assert.equal(stage.collector.allEvents().length, 2);
});

test('what may have arrived too long ago is given up, for the compactor would count it twice', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  const age = (tabs, ms) =>
    tabs.evaluate((by) => {
      for (const key of Object.keys(localStorage)) {
        const { t, q } = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key, JSON.stringify({ t, q: q.map(([batch, doubtSince]) => [batch, doubtSince - by]) }));
      }
    }, ms);
  await age(tab, 601_000);
  await tab.goto(next(link('sentinel')));
  assert.deepEqual(labels(await stage.eventsWith('sentinel')), ['sentinel']);
  await until(async () => !(await kept(tab)).length, 'empty storage');
});

test('while the collector says that it is down, nothing is thrown at it: what waits is kept, and is in no doubt', async () => {
  stage.collector.answers.push({ status: 503, headers: { 'retry-after': '60' } });
  const tab = await openAndSee(stage, link('first'), 1);
  await until(() => stage.collector.requests.length, 'request');
  await tab.goto(bare());
  await look(500);
  assert.equal(stage.collector.requests.length, 1);
  assert.deepEqual(await kept(tab), [[0, 1, false], [1, 1, false]]);
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('without a network nothing is tried; what waits goes when it is back', async () => {
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.setOfflineMode(true);
  await look(3500);
  assert.deepEqual(await tab.evaluate(() => sent), []);
  await tab.setOfflineMode(false);
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('ten tabs share what one left behind without sending it twice', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  await Promise.all(Array.from({ length: 10 }, () => stage.context.newPage().then((each) => each.goto(next()))));
  await stage.eventsWith('first');
  await look(1500);
  assert.deepEqual(identities(), [[0, 2]]);
});

test('a tab that lives keeps what is its own', async () => {
  stage.collector.answers.push({ status: 503, headers: { 'retry-after': '8' } });
  const tab = await openAndSee(stage, link('first'), 1);
  await until(() => stage.collector.requests.length, 'request');
  const other = await stage.context.newPage();
  await other.goto(next());
  await look(1000);
  assert.deepEqual(identities(), []);
  await tab.bringToFront();
  await stage.eventsWith('first');
  await look(500);
  assert.deepEqual(new Set(stage.collector.requests.map(({ headers }) => headers.referer)), new Set([`${stage.site.origin}/`]));
});

const lockless = (tab) => tab.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'locks', { value: undefined }));

test('without Web Locks what a page left behind is taken over at once', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1, lockless);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('without Web Locks what a crash left behind is taken over when it was long abandoned', async () => {
  const crashed = await openAndSee(stage, link('first'), 1, lockless);
  await crash(crashed);
  const tab = await stage.open(next(), lockless);
  await look(700);
  assert.deepEqual(identities(), []);
  await tab.evaluate(() => {
    const [key] = Object.keys(localStorage);
    const { t, q } = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify({ t: t - 600_000, q }));
  });
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('what waits is bounded: the oldest goes first', async () => {
  stage.collector.answers.push(...Array(3).fill({ status: 503, headers: { 'retry-after': '1' } }));
  const html = ['first', 'second', 'third'].map((label) => link(label)).join(FAR);
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-queue-chars="500" data-batch-events="1"') + html));
  await tab.evaluate(() => {
    window.dropped = [];
    eyeshot.on('dropped', ({ batch }) => dropped.push(batch.n));
  });
  for (const label of ['second', 'third']) {
    await look(1500);
    await tab.evaluate((name) => document.querySelector(`[data-eyeshot-link=${name}]`).scrollIntoView(), label);
  }
  await until(() => tab.evaluate(() => dropped.length), 'drop');
  assert.deepEqual(await tab.evaluate(() => dropped), [0]);
  await stage.eventsWith('third');
  assert.deepEqual(labels(stage.collector.events()), ['second', 'third']);
});

test('full or forbidden storage costs nothing but what a crash would have saved', async () => {
  const forbid = (tab) =>
    tab.evaluateOnNewDocument(() =>
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('no', 'SecurityError');
        },
      }),
    );
  await openAndSee(stage, link('first'), 1, forbid);
  await stage.eventsWith('first');
  assert.deepEqual(stage.warnings, []);
});

test('an event that the collector refuses is told, and is not sent again', async () => {
  stage.collector.answers.push({ status: 202, body: '{"accepted":0,"rejected":[{"index":0,"reason":"Expected less"}]}' });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.evaluate(() => {
    window.rejected = [];
    eyeshot.on('rejected', ({ batch, index, reason }) => rejected.push([batch.e[index].lb, reason]));
  });
  await until(() => tab.evaluate(() => rejected.length), 'rejection');
  assert.deepEqual(await tab.evaluate(() => rejected), [['first', 'Expected less']]);
  assert.deepEqual(await kept(tab), []);
});

test('200 from something that is not the collector is not taken for its 202', async () => {
  stage.collector.answers.push({ status: 200, body: '<html>Please log in' });
  await openAndSee(stage, link('first'), 1);
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('the final count of a page view is sent with its end, and again only when there was more', async () => {
  const elsewhere = await stage.open(bare());
  const tab = await openAndSee(stage, link('first', 'height:40px', '#here'), 1);
  const ends = () => stage.collector.allEvents().filter(({ et }) => et === 'page_end').map(({ n }) => n);
  await elsewhere.bringToFront();
  await until(() => ends().length === 1, 'final count');
  await tab.bringToFront();
  await elsewhere.bringToFront();
  await tab.bringToFront();
  assert.deepEqual(ends(), [1]);
  await tab.click('a');
  await elsewhere.bringToFront();
  await until(() => ends().length === 2, 'another final count');
  assert.deepEqual(ends(), [1, 3]);
});

test('a page that comes back from the back/forward cache sends what it left behind', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  await tab.goBack();
  assert.ok(await tab.evaluate(() => window.seen), 'the page was restored, not loaded again');
  await stage.eventsWith('first');
  await until(async () => !(await kept(tab)).some(([, , doubt]) => doubt), 'confirmation');
});
