/** What waits outlives the page: nothing is forgotten before a 202, nothing is counted twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hears, isLeft, keeps, kept, openAndSee, readLate, ringer, sees, WAIT } from './lives.mjs';
import { FAR, HOLD, hide, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage({ without: ['--disable-back-forward-cache'] });

const next = (html = '') => stage.site.put('/next', stage.sdk() + html);
const bare = () => stage.site.put('/bare', 'nothing here');
const identities = () => stage.collector.batches().map(({ n, e }) => [n, e.length]);

/** Leaves the page, and waits until the collector got its beacon. */
async function leave(tab) {
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  await isLeft(tab);
}

async function crash(tab) {
  const session = await tab.createCDPSession();
  void session.send('Page.crash').catch(() => {});
  await new Promise((crashed) => tab.once('error', crashed));
}

test('what is seen is written down before it is sent, and nothing is left of it after the 202', async () => {
  const note = '<script>const send = fetch; window.fetch = (...all) => { window.keptWhenSent = readKept(); return send(...all); }</script>';
  const tab = await openAndSee(stage, note + link('first'), 1, { attributes: '' });
  await stage.eventsWith('first');
  assert.deepEqual(await tab.evaluate(() => keptWhenSent), [[0, 1, false]]);
  await until(async () => !(await kept(tab)).length, 'empty storage');
  assert.equal(await tab.evaluate(() => localStorage.length), 0);
});

test('a tab that crashes loses nothing: the next one sends it', async () => {
  const tab = await openAndSee(stage, link('first') + link('second'), 2);
  await crash(tab);
  await isLeft(await stage.open(bare()));
  await stage.open(next());
  assert.deepEqual(labels(await stage.eventsWith('second')), ['first', 'second']);
});

test('a beacon that the collector could not take is sent again by the next page', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await leave(tab);
  await keeps(tab, [0, 2, true]); // the impression and the final count
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
  await until(async () => !(await kept(tab)).length, 'empty storage');
});

test('a beacon that arrived is confirmed under the same numbers when the tab is seen again', async () => {
  const elsewhere = await stage.open(bare());
  const tab = await openAndSee(stage, link('first'), 1);
  await hide(tab, elsewhere);
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
  await leave(tab);
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
  stage.collector.answers.push({ status: 503, headers: { 'retry-after': '300' } });
  const tab = await openAndSee(stage, link('first'), 1, { attributes: '' });
  await hears(tab, 1);
  await tab.goto(bare());
  await look(500);
  assert.equal(stage.collector.requests.length, 1);
  await keeps(tab, [0, 1, false], [1, 1, false]);
  await isLeft(tab);
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('without a network nothing is tried; what waits goes when it is back', async () => {
  const tab = await openAndSee(stage, link('first', 'height:40px', '#here'), 1, { attributes: `${HOLD} data-batch-events="2"` });
  await tab.setOfflineMode(true);
  await until(() => tab.evaluate(() => !navigator.onLine), 'page without a network');
  await tab.click('a');
  await sees(tab, 2);
  await look(2000);
  assert.deepEqual(await tab.evaluate(() => sent), []);
  await tab.setOfflineMode(false);
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first', 'first']);
});

test('ten tabs share what one left behind without sending it twice', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await leave(tab);
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const another = await stage.newTab();
      await readLate(another);
      await another.goto(next());
    }),
  );
  await stage.eventsWith('first');
  await look(1500);
  assert.deepEqual(identities(), [[0, 2]]);
});

test('a tab that lives keeps what is its own', async () => {
  stage.collector.answers.push(WAIT);
  const tab = await openAndSee(stage, link('first'), 1, { prepare: ringer, attributes: '' });
  await hears(tab, 1);
  const other = await stage.newTab();
  await other.goto(next());
  await look(1000);
  assert.deepEqual(identities(), []);
  await tab.bringToFront();
  await tab.evaluate(() => ring());
  await stage.eventsWith('first');
  await look(500);
  assert.deepEqual(new Set(stage.collector.requests.map(({ headers }) => headers.referer)), new Set([`${stage.site.origin}/`]));
});

const lockless = (tab) => tab.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'locks', { value: undefined }));

test('without Web Locks what a page left behind is taken over at once', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1, { prepare: lockless });
  await leave(tab);
  await tab.goto(next());
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('without Web Locks what a crash left behind is taken over when it was long abandoned', async () => {
  const crashed = await openAndSee(stage, link('first'), 1, { prepare: lockless });
  await crash(crashed);
  await isLeft(await stage.open(bare()));
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
  stage.collector.answers.push(WAIT);
  const html = ['first', 'second', 'third'].map((label) => link(label)).join(FAR);
  const tab = await openAndSee(stage, html, 1, { prepare: ringer, attributes: 'data-queue-chars="500" data-batch-events="1"' });
  await hears(tab, 1);
  for (const [before, label] of [[1, 'second'], [2, 'third']]) {
    await tab.evaluate((name) => document.querySelector(`[data-eyeshot-link=${name}]`).scrollIntoView(), label);
    await sees(tab, before + 1);
  }
  assert.deepEqual(await tab.evaluate(() => dropped), [[0, 0]]);
  await tab.evaluate(() => ring());
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
  await openAndSee(stage, link('first'), 1, { prepare: forbid, attributes: '' });
  await stage.eventsWith('first');
  assert.deepEqual(stage.warnings, []);
});

test('an event that the collector refuses is told, and is not sent again', async () => {
  stage.collector.answers.push({ status: 202, body: '{"accepted":0,"rejected":[{"index":0,"reason":"Expected less"}]}' });
  const tab = await openAndSee(stage, link('first'), 1, { attributes: '' });
  await until(() => tab.evaluate(() => rejected.length), 'rejection');
  assert.deepEqual(await tab.evaluate(() => rejected), [['first', 'Expected less']]);
  assert.deepEqual(await kept(tab), []);
});

test('200 from something that is not the collector is not taken for its 202', async () => {
  stage.collector.answers.push({ status: 200, body: '<html>Please log in' });
  await openAndSee(stage, link('first'), 1, { attributes: '' });
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('the final count of a page view is sent with its end, and again only when there was more', async () => {
  const elsewhere = await stage.open(bare());
  const tab = await openAndSee(stage, link('first', 'height:40px', '#here'), 1);
  const ends = () => stage.collector.allEvents().filter(({ et }) => et === 'page_end').map(({ n }) => n);
  const show = async () => {
    await tab.bringToFront();
    await until(() => tab.evaluate(() => !document.hidden), 'tab that is seen');
  };
  await hide(tab, elsewhere);
  await until(() => ends().length === 1, 'final count');
  await show();
  await hide(tab, elsewhere);
  await show();
  assert.deepEqual(ends(), [1]);
  await tab.click('a');
  await sees(tab, 2);
  await hide(tab, elsewhere);
  await until(() => ends().length === 2, 'another final count');
  assert.deepEqual(ends(), [1, 3]);
});

test('a page that comes back from the back/forward cache sends what it left behind', async () => {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await leave(tab);
  await tab.goBack();
  assert.ok(await tab.evaluate(() => window.seen), 'the page was restored, not loaded again');
  await stage.eventsWith('first');
  await until(async () => !(await kept(tab)).some(([, , doubt]) => doubt), 'confirmation');
});
