/** What localStorage has of earlier pages: forgotten on refusal, never in the way, never true for longer than it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kept, openAndSee } from './lives.mjs';
import { labels, link, openStage, until } from './stage.mjs';

const stage = openStage();
const bare = () => stage.site.put('/bare', 'nothing here');
const keys = (tab) => tab.evaluate(() => Object.keys(localStorage));
const lockless = (tab) => tab.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'locks', { value: undefined }));

/** A page that left an event behind, and another site's place beside it. */
async function leaveSomething() {
  stage.collector.answers.push({ status: 503 });
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(bare());
  await until(() => stage.collector.requests.length, 'beacon');
  assert.equal((await kept(tab)).length, 1);
  await tab.evaluate(() => localStorage.setItem('eyeshot:other:place', '{}'));
  return tab;
}

const refuse = '<script>eyeshot.consent(false)</script>';
const REFUSALS = {
  'when the page has started': () => [stage.sdk() + refuse],
  'when the page waits for consent': () => [stage.sdk('data-consent="required"') + refuse],
  'before the start': () => [`<script src="${stage.collector.url}/sdk/eyeshot.js"></script>${refuse}
    <script>eyeshot.init({ site: 'test', endpoint: '${stage.collector.endpoint}' })</script>`],
  'by Global Privacy Control': () => [stage.sdk(), (tab) =>
    tab.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }))],
};

for (const [when, refusal] of Object.entries(REFUSALS)) {
  test(`a refusal ${when} forgets what earlier pages of the site left`, async () => {
    const tab = await leaveSomething();
    const [html, prepare] = refusal();
    await prepare?.(tab);
    // A lock is asked for, and given later: nothing is taken over before the refusal.
    await tab.goto(stage.site.put('/refused', html));
    assert.deepEqual(await keys(tab), ['eyeshot:other:place']);
  });
}

test('as long as consent is neither given nor refused, what earlier pages left stays', async () => {
  const tab = await leaveSomething();
  await tab.goto(stage.site.put('/asked', stage.sdk('data-consent="required"')));
  assert.equal((await keys(tab)).length, 2);
  await tab.evaluate(() => eyeshot.consent(true));
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('a refusal where storage is forbidden is heard all the same', async () => {
  const forbid = (tab) =>
    tab.evaluateOnNewDocument(() =>
      Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }));
  const tab = await stage.open(stage.site.put('/', stage.sdk() + refuse), forbid);
  await tab.evaluate(() => eyeshot.consent(true));
  assert.deepEqual(stage.warnings, []);
});

/** What is no place of ours, or no longer one that can be read. */
const NONSENSE = ['', 'null', '7', '{', '{"t":1}', '{"q":{}}', '{"q":[null,[],[{}],[{"e":[]}],[{"e":[null]}],[{"e":{}}]]}'];

for (const [how, prepare] of Object.entries({ 'with Web Locks': undefined, 'without Web Locks': lockless })) {
  test(`what nobody can read under our name stops nothing, and is removed, ${how}`, async () => {
    const tab = await stage.open(bare(), prepare);
    await tab.evaluate((texts) => texts.forEach((text, i) => localStorage.setItem(`eyeshot:test:${i}`, text)), NONSENSE);
    await tab.goto(stage.site.put('/', stage.sdk() + link('first')));
    assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
    await until(async () => !(await keys(tab)).length, 'empty storage', await keys(tab));
    assert.deepEqual(stage.warnings, []);
  });
}

test('where localStorage is full, what was written before is not left there as if it were still true', async () => {
  stage.collector.answers.push({ status: 503, headers: { 'retry-after': '5' } });
  const tab = await openAndSee(stage, link('first', 'height:40px', '#here'), 1);
  await until(() => stage.collector.requests.length, 'request');
  await tab.evaluate(() => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  });
  await tab.click('a');
  await until(async () => !(await keys(tab)).length, 'empty storage', await keys(tab));
  assert.equal(stage.collector.requests.length, 1, 'before anything of it is accepted');
  await stage.events((all) => all.length === 2, 'both events');
  assert.deepEqual(stage.warnings, []);
});
