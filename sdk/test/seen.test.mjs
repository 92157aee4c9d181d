/** What counts as seen: share, time without a break, and a tab that somebody can see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IN_PAGE } from './inPage.mjs';
import { FAR, hide, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage();
const QUALITY = { late_timer: 8 };

const scrollTo = (tab, label) =>
  tab.evaluate((name) => document.querySelector(`[data-eyeshot-link="${name}"]`).scrollIntoView({ block: 'center' }), label);
const scrollUp = (tab) => tab.evaluate(() => scrollTo(0, 0));

test('a link counts once it was visible for a second, with all that is known of it', async () => {
  const url = stage.site.put('/', stage.sdk() + link('first'));
  const openedAt = Date.now();
  await stage.open(`${url}?session=secret#part`);
  const [event, ...more] = await stage.eventsWith('first');
  assert.deepEqual(more, []);
  assert.equal((event.q ?? 0) & ~QUALITY.late_timer, 0, 'no doubt, but that the machine may be busy');
  assert.deepEqual(Object.keys(event).filter((key) => key !== 'q').sort(), ['et', 'l', 'lb', 'n', 'p', 'pl', 'pv', 's', 'so', 'st', 'ts', 'v', 'vd', 'vp', 'vr']);
  assert.equal(event.et, 'link_impression');
  assert.equal(event.l, 'https://example.org/first');
  assert.equal(event.pl, 'inline');
  assert.equal(event.vr, 1);
  assert.ok(event.vd >= 1000, `counted after ${event.vd} ms`);
  assert.ok(event.ts >= openedAt + 1000 && event.ts <= Date.now());
  assert.equal(event.s, 'test');
  assert.equal(event.p, url, 'the query string stays out');
  assert.equal(event.so, 'page');
  assert.equal(event.n, 0);
  assert.match(event.pv, /^[A-Za-z0-9_-]{22}$/);
});

test('short looks do not add up', async () => {
  const html = `${stage.sdk('data-duration-ms="3000"')}${IN_PAGE}${FAR}${link('glimpsed')}${FAR}${link('read')}${FAR}`;
  const tab = await stage.open(stage.site.put('/', html));
  await tab.evaluate(async () => {
    for (let time = 0; time < 3; time++) await glimpse('glimpsed', 1200);
  });
  await scrollTo(tab, 'read');
  assert.deepEqual(labels(await stage.eventsWith('read')), ['read']);
});

test('half of the area is needed, and less than half does not do', async () => {
  const at = (bottom) => `position:fixed;bottom:${bottom}px;height:200px;width:200px`;
  const html = `${link('little', `${at(-106)};left:0`)}${link('half', `${at(-100)};left:300px`)}`;
  await stage.open(stage.site.put('/', stage.sdk() + html));
  const events = await stage.eventsWith('half');
  assert.deepEqual(labels(events), ['half']);
  assert.ok(Math.abs(events[0].vr - 0.5) < 0.01, `share ${events[0].vr}`);
});

test('share and time are settings', async () => {
  const html = `${link('partly', 'position:fixed;bottom:-50px;height:200px')}${link('whole')}`;
  await stage.open(stage.site.put('/', stage.sdk('data-threshold="0.9" data-duration-ms="1700"') + html));
  const events = await stage.eventsWith('whole');
  assert.deepEqual(labels(events), ['whole']);
  assert.ok(events[0].vd >= 1700);
});

test('a link counts once per page view, even when it is moved', async () => {
  const html = ['again', 'between', 'last'].map((label) => link(label) + FAR).join('');
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html));
  await stage.eventsWith('again');
  await scrollTo(tab, 'between');
  await stage.eventsWith('between');
  await scrollUp(tab);
  await tab.evaluate(() => document.body.prepend(document.querySelector('[data-eyeshot-link=again]')));
  await look(1500);
  await scrollTo(tab, 'last');
  assert.deepEqual(labels(await stage.eventsWith('last')), ['again', 'between', 'last']);
});

test('time in a hidden tab does not count, and the second begins again when the tab is seen again', async () => {
  const elsewhere = await stage.open(stage.site.put('/other', 'Something else'));
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-duration-ms="6000"') + IN_PAGE + link('first')));
  await tab.waitForFunction(() => stateOf('first') === 'running', { polling: 20 });
  await look(300);
  await hide(tab, elsewhere);
  await look(6500);
  assert.deepEqual(stage.collector.requests, [], 'nothing was seen');
  const returnedAt = Date.now();
  await tab.bringToFront();
  const [event] = await stage.eventsWith('first');
  assert.ok(event.ts >= returnedAt + 6000, `counted ${event.ts - returnedAt} ms after the return`);
});

test('a tab that was opened in the background counts nothing until it is seen', async () => {
  const tab = await stage.newTab();
  const front = await stage.open(stage.site.put('/front', 'In front'));
  await until(() => tab.evaluate(() => document.visibilityState === 'hidden'), 'hidden tab');
  await tab.goto(stage.site.put('/', stage.sdk() + link('first')));
  await look(1500);
  assert.deepEqual(stage.collector.requests, []);
  const shownAt = Date.now();
  await tab.bringToFront();
  const [event] = await stage.eventsWith('first');
  assert.ok(event.ts >= shownAt + 1000);
  await front.close();
});

test('the gap of a blocked page is not credited', async () => {
  const block = async () => {
    await when(() => stateOf('first') === 'running');
    await pause(200);
    window.freedAt = Date.now() + 1600;
    while (Date.now() < freedAt);
  };
  const tab = await stage.open(stage.site.put('/', `${stage.sdk()}${IN_PAGE}${link('first')}<script>(${block})()</script>`));
  const [event] = await stage.eventsWith('first');
  const freedAt = await tab.evaluate(() => window.freedAt);
  assert.ok(event.ts >= freedAt + 1000, `counted ${event.ts - freedAt} ms after the block`);
  assert.ok(event.q & QUALITY.late_timer);
});

test('on a machine where every timer is late, a link still counts: time is proven in slices', async () => {
  const late = (tab) =>
    tab.evaluateOnNewDocument(() => {
      const real = setTimeout;
      // Every long timer is late; what lies between short ones is proven.
      window.setTimeout = (run, ms, ...rest) => {
        const ofClock = ms > 300 && ms <= 1000;
        const told = () => {
          if (ofClock) window.lateAt ??= Date.now();
          run(...rest);
        };
        return real(told, ms > 300 ? ms + 400 : ms);
      };
    });
  const openedAt = Date.now();
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')), late);
  const [event] = await stage.eventsWith('first');
  // Where even a short timer was late, there are slices from then on, and no long timer at all.
  const lateAt = await tab.evaluate(() => window.lateAt);
  assert.ok(event.ts >= (lateAt ?? openedAt) + 1000, 'the first interval is lost');
  assert.ok(event.q & QUALITY.late_timer);
  assert.ok(event.vd >= 1000);
});

test('a page that throws inside of the SDK once does not stop its clocks', async () => {
  const breakOnce = (tab) =>
    tab.evaluateOnNewDocument(() => {
      const { closest } = Element.prototype;
      Element.prototype.closest = function (...args) {
        Element.prototype.closest = closest;
        throw new Error('sabotage');
      };
    });
  const html = link('first') + link('second') + link('third').replace('<a ', '<a data-eyeshot-duration-ms="1500" ');
  await stage.open(stage.site.put('/', stage.sdk() + html), breakOnce);
  assert.deepEqual(labels(await stage.eventsWith('third')), ['second', 'third']);
});

test('what CSS hides or what has no area does not count, until it is shown', async () => {
  const html = [
    link('transparent', 'opacity:0'),
    `<div style="opacity:0">${link('in-transparent')}</div>`,
    link('invisible', 'visibility:hidden'),
    link('flat', 'height:0;overflow:hidden'),
    link('shown'),
  ].join('');
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html));
  assert.deepEqual(labels(await stage.eventsWith('shown')), ['shown']);
  const fadedInAt = await tab.evaluate(() => {
    document.querySelector('[data-eyeshot-link="transparent"]').style.opacity = '1';
    return Date.now();
  });
  const events = await stage.eventsWith('transparent');
  assert.deepEqual(labels(events), ['shown', 'transparent']);
  assert.ok(events[1].ts >= fadedInAt + 1000);
});

test('an element that is empty at first counts a second after it has an area', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('empty', 'height:0;overflow:hidden')));
  await look(1300);
  const grownAt = await tab.evaluate(() => {
    document.querySelector('a').style.height = '40px';
    return Date.now();
  });
  const [event] = await stage.eventsWith('empty');
  assert.ok(event.ts >= grownAt + 1000);
  assert.equal(event.vr, 1);
});

test('what is too tall for the viewport counts when it fills half of it', async () => {
  const tab = await stage.open(
    stage.site.put('/', `${stage.sdk()}${FAR}${link('tall', 'height:20000px;width:300px')}${FAR}${link('end')}`),
    (fresh) => fresh.setViewport({ width: 400, height: 600 }),
  );
  await tab.evaluate(() => scrollTo(0, 3000 - 600 + 250));
  await look(1300);
  await tab.evaluate(() => scrollTo(0, 3000 + 5000));
  const [event] = await stage.eventsWith('tall');
  assert.ok(Math.abs(event.vr - 600 / 20000) < 0.005, `share ${event.vr}`);
});

test('a link that wraps is measured by its lines, not by its box', async () => {
  // Most of the text is in the second line, below the fold; the box would be visible to 50 %.
  const text = 'a wrapped link whose text is long enough for two lines';
  const html = `<p style="position:fixed;left:0;bottom:-40px;width:640px;margin:0;font:30px/40px monospace">
    <span style="display:inline-block;width:600px"></span>
    <a href="https://example.org/" data-eyeshot-link="wrapped"><span style="display:inline-block;width:20px"></span> ${text.slice(0, 30)}</a></p>
    ${link('sentinel')}`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html));
  const lines = await tab.$eval('[data-eyeshot-link=wrapped]', (a) => [...a.getClientRects()].map(({ width, top }) => [width, top]));
  assert.equal(lines.length, 2, JSON.stringify(lines));
  assert.deepEqual(labels(await stage.eventsWith('sentinel')), ['sentinel']);
});

test('elements that are added later are found inside what was added', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk()));
  await tab.evaluate((html) => {
    const block = document.createElement('div');
    block.innerHTML = html;
    document.body.append(block);
  }, link('late'));
  assert.deepEqual(labels(await stage.eventsWith('late')), ['late']);
});

test('another selector tracks links without attributes, labelled by their text', async () => {
  const html = '<article><a href="/story">A  <b>story</b></a></article><a href="/menu">Menu</a>';
  await stage.open(stage.site.put('/', stage.sdk('data-selector="article a"') + html));
  const events = await stage.eventsWith('A story');
  assert.deepEqual(events.map(({ l, lb }) => [l, lb]), [[`${stage.site.origin}/story`, 'A story']]);
});

test('a widget that is part of the page is an impression, and so are its links', async () => {
  const html = `<section data-eyeshot-widget="more">${link('inside')}</section>${link('outside')}`;
  await stage.open(stage.site.put('/', stage.sdk() + html));
  const events = await stage.events((all) => all.length >= 3, 'three events');
  const facts = events.map(({ et, lb, pl, w }) => [et, lb, pl, w]);
  assert.deepEqual(facts.sort(), [
    ['link_impression', 'inside', 'widget', 'more'],
    ['link_impression', 'outside', 'inline', undefined],
    ['widget_impression', undefined, 'widget', 'more'],
  ]);
});
