/** Browsers without an IntersectionObserver, or with a broken one: the same rules, and it is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IN_PAGE } from './inPage.mjs';
import { FAR, labels, link, look, openStage } from './stage.mjs';

const stage = openStage();
const FALLBACK = 32;

const missing = (tab) => tab.evaluateOnNewDocument(() => { delete window.IntersectionObserver; });
const silent = (tab) => tab.evaluateOnNewDocument(() => { IntersectionObserver.prototype.observe = () => {}; });
const incomplete = (tab) => tab.evaluateOnNewDocument(() => { delete IntersectionObserverEntry.prototype.intersectionRatio; });

for (const [what, prepare] of Object.entries({ missing, silent, incomplete })) {
  test(`where it is ${what}, what is in view for a second counts, and says how it was measured`, async () => {
    const html = `${link('first')}${link('little', 'position:fixed;bottom:-110px;height:200px;width:100px')}${FAR}${link('below')}`;
    const openedAt = Date.now();
    const tab = await stage.open(stage.site.put('/', stage.sdk() + html), prepare);
    const [event] = await stage.eventsWith('first');
    assert.ok(event.q & FALLBACK);
    assert.ok(event.ts >= openedAt + 1000);
    assert.equal(event.vr, 1);
    await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
    assert.deepEqual(labels(await stage.eventsWith('below')), ['first', 'below']);
  });
}

test('without it, short looks do not add up, and nested scrollers clip', async () => {
  const html = `<div id="box" style="height:50px;overflow:auto;width:300px">${link('shown', 'height:50px')}${link('clipped', 'height:50px')}</div>
    ${FAR}${link('glimpsed')}${FAR}${link('read')}`;
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-duration-ms="2500"') + IN_PAGE + html), missing);
  await stage.eventsWith('shown');
  await tab.evaluate(async () => {
    for (let time = 0; time < 3; time++) await glimpse('glimpsed', 1000);
  });
  await tab.evaluate(() => document.querySelector('[data-eyeshot-link=read]').scrollIntoView());
  assert.deepEqual(labels(await stage.eventsWith('read')), ['shown', 'read']);
});

test('without it, a page at rest has no timer', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')), async (fresh) => {
    await missing(fresh);
    await fresh.evaluateOnNewDocument(() => {
      window.timers = 0;
      const real = setTimeout;
      window.setTimeout = (...args) => { timers++; return real(...args); };
    });
  });
  await stage.eventsWith('first');
  await tab.evaluate(() => { timers = 0; });
  await look(1500);
  assert.equal(await tab.evaluate(() => timers), 0);
});

const widget = (joinMs) => stage.other.put('/widget', stage.sdk(`data-widget="w" data-join-ms="${joinMs}"`, 'eyeshot-widget.js') + link('upper', 'height:90px') + link('lower', 'height:90px'));
const blind = (tab) => tab.evaluateOnNewDocument(() => { if (self !== top) delete window.IntersectionObserver; });

test('a widget without it is told by the page what of its frame is in view', async () => {
  const frame = `<iframe src="${widget(60_000)}" style="position:fixed;bottom:-90px;height:200px;border:5px solid"></iframe>`;
  const tab = await stage.open(stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + frame), blind);
  const events = await stage.eventsWith('upper');
  assert.ok(events.every(({ q }) => q & FALLBACK));
  await look(1500);
  assert.ok(!labels(stage.collector.events()).includes('lower'));
  await tab.evaluate(() => { document.querySelector('iframe').style.bottom = '0'; });
  await stage.eventsWith('lower');
});

test('a widget without it, alone in a frame of another origin, counts nothing: nobody knows what of it is in view', async () => {
  await stage.open(stage.site.put('/', `<iframe src="${widget(1000)}"></iframe>${stage.sdk()}${link('sentinel')}`), blind);
  await stage.eventsWith('sentinel');
  await look(2500);
  assert.deepEqual(labels(stage.collector.events()), ['sentinel']);
});
