/** Single-page applications: another route is another page view. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels, link, look, openStage } from './stage.mjs';

const stage = openStage();

const without = (tab) => tab.evaluateOnNewDocument(() => Object.defineProperty(window, 'navigation', { value: undefined }));

for (const [browser, prepare] of [['with the Navigation API', undefined], ['without it', without]]) {
  test(`a route change is a new page view: everything counts again, from zero (${browser})`, async () => {
    const url = stage.site.put('/', stage.sdk() + link('menu'));
    const tab = await stage.open(url, prepare);
    await stage.eventsWith('menu');
    const changedAt = await tab.evaluate((html) => {
      history.pushState({}, '', '/story?session=secret');
      document.body.insertAdjacentHTML('beforeend', html);
      return Date.now();
    }, link('story'));
    const events = await stage.eventsWith('story');
    assert.deepEqual(labels(events).sort(), ['menu', 'menu', 'story']);
    const again = events.filter(({ p }) => p === `${url}story`);
    assert.deepEqual(again.map(({ n }) => n).sort(), [0, 1]);
    assert.notEqual(again[0].pv, events[0].pv);
    assert.ok(again.every(({ ts, vd, r }) => ts >= changedAt + 1000 && vd < 1900 && r === url));
    const [end] = stage.collector.allEvents().filter(({ et }) => et === 'page_end');
    assert.deepEqual([end.pv, end.n], [events[0].pv, 1], 'the view before has its final count');
  });

  test(`going back to a route is one too (${browser})`, async () => {
    const url = stage.site.put('/', stage.sdk('data-batch-events="1"') + link('menu'));
    const tab = await stage.open(url, prepare);
    const countedIn = (views) => stage.events((all) => all.length >= views, `a count in view ${views}`);
    await countedIn(1);
    await tab.evaluate(() => {
      history.pushState({}, '', '/story');
      document.body.append('A story');
    });
    await countedIn(2);
    await tab.evaluate(() => history.back());
    await countedIn(3);
    await tab.evaluate(() => history.forward());
    const events = await countedIn(4);
    assert.equal(new Set(events.map(({ pv }) => pv)).size, 4);
    assert.deepEqual(events.map(({ p }) => p), [url, `${url}story`, url, `${url}story`]);
  });
}

test('a query or a plain fragment is the same view, a route in the fragment is another', async () => {
  const url = stage.site.put('/', stage.sdk() + link('menu'));
  const tab = await stage.open(url);
  await stage.eventsWith('menu');
  await tab.evaluate(() => {
    history.replaceState({}, '', '/?filter=new');
    location.hash = 'part-two';
  });
  await look(1500);
  assert.equal(stage.collector.events().length, 1);
  await tab.evaluate(() => { location.hash = '#/story?token=secret'; });
  const events = await stage.events((all) => all.length >= 2, 'another view');
  assert.deepEqual(events.map(({ p }) => p), [url, `${url}#/story`]);
});

test('a widget follows its page to the new view', async () => {
  const widget = stage.other.put('/widget', stage.sdk('data-widget="w" data-join-ms="60000"', 'eyeshot-widget.js') + link('in widget'));
  const tab = await stage.open(stage.site.put('/', `${stage.sdk(`data-widget-origins="${stage.other.origin}"`)}<iframe src="${widget}"></iframe>`));
  await stage.eventsWith('in widget');
  await tab.evaluate(() => history.pushState({}, '', '/story'));
  const events = await stage.events((all) => all.length >= 4, 'four events');
  assert.equal(new Set(events.map(({ pv }) => pv)).size, 2);
  assert.deepEqual(events.map(({ so, n }) => `${so} ${n}`), ['widget1 0', 'widget1 1', 'widget1 0', 'widget1 1']);
});
