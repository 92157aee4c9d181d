/** The last moments of a page, and its return. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAndSee, sees } from './lives.mjs';
import { FAR, hide, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage({ without: ['--disable-back-forward-cache'] });

test('a hidden tab sends at once, as a beacon', async () => {
  const elsewhere = await stage.open(stage.site.put('/other', 'Something else'));
  const tab = await openAndSee(stage, link('first'), 1);
  await hide(tab, elsewhere);
  const [event] = await stage.eventsWith('first');
  assert.ok(event.st - event.ts < 59_000, 'it did not wait for its 60 s');
  assert.deepEqual(await tab.evaluate(() => sent), [['beacon', 0, 2]], 'the impression and the final count');
  assert.match(stage.collector.requests[0].headers['content-type'], /^text\/plain/);
});

test('a page that is navigated away sends what it has', async () => {
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto('about:blank');
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('a page that is closed sends what it has', async () => {
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.close({ runBeforeUnload: true });
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
});

test('a click that leaves the page is not lost', async () => {
  const html = link('left by', 'height:40px', stage.site.put('/next', 'The next page'));
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-duration-ms="60000"') + html));
  await Promise.all([tab.waitForNavigation(), tab.click('a')]);
  const events = await stage.eventsWith('left by');
  assert.deepEqual(events.map(({ et, vr }) => [et, vr]), [['link_click', undefined]]);
});

test('a middle click counts, a click by a script and a right click do not', async () => {
  const html = link('clicked', 'height:40px', '#here');
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-duration-ms="60000"') + html));
  await tab.evaluate(() => document.querySelector('a').click());
  await tab.click('a', { button: 'right' });
  await tab.click('a', { button: 'middle' });
  const events = await stage.eventsWith('clicked');
  assert.deepEqual(events.map(({ et }) => et), ['link_click']);
});

test('a beacon that is refused goes in smaller ones, and what is left by fetch', async () => {
  const html = Array.from({ length: 8 }, (_, i) => link(`link ${i}`, 'height:20px')).join('');
  const elsewhere = await stage.open(stage.site.put('/other', 'Something else'));
  const tab = await openAndSee(stage, html, 8, {
    prepare: (fresh) => fresh.evaluateOnNewDocument(() => {
      const send = navigator.sendBeacon.bind(navigator);
      let quota = 3;
      navigator.sendBeacon = (url, body) => {
        const { e } = JSON.parse(body);
        if (e.length > quota) return false;
        quota -= e.length;
        return send(url, body);
      };
    }),
  });
  await hide(tab, elsewhere);
  const events = await stage.events((all) => all.length >= 8, 'all events');
  assert.deepEqual(events.map(({ n }) => n).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual((await tab.evaluate(() => sent)).sort(), [['beacon', 0, 2], ['beacon', 2, 1], ['fetch', 3, 1], ['fetch', 4, 5]]);
});

test('a page that comes back from the back/forward cache is a new page view', async () => {
  const tab = await openAndSee(stage, link('first'), 1);
  await tab.goto(stage.site.put('/next', 'The next page'));
  await stage.eventsWith('first');
  const backAt = Date.now();
  await tab.goBack();
  const restored = await tab.evaluate(() => window.seen?.length);
  assert.ok(restored, 'the page was restored, not loaded again');
  await sees(tab, 2);
  await tab.goto('about:blank');
  const events = await stage.events((all) => all.length >= 2, 'a second impression');
  assert.deepEqual(events.map(({ lb, n }) => [lb, n]), [['first', 0], ['first', 0]]);
  assert.notEqual(events[0].pv, events[1].pv);
  assert.ok(events[1].ts >= backAt + 1000, 'time is not carried over');
});

test('a prerendered page counts nothing until it is activated', async () => {
  // The page says so itself: the driver may still hold the one before.
  const rename = "document.querySelector('a').dataset.eyeshotLink = 'prerendered'";
  const script = `<script>if (document.prerendering) {
    document.addEventListener('prerenderingchange', () => { ${rename}; });
    fetch('/prerenders');
  }</script>`;
  const next = stage.site.put('/next', stage.sdk() + link('loaded') + script);
  const rules = JSON.stringify({ prerender: [{ source: 'list', urls: [next], eagerness: 'immediate' }] });
  const html = `<script type="speculationrules">${rules}</script>${FAR}<a id="go" href="${next}">Next</a>`;
  const tab = await stage.open(stage.site.put('/', html));
  await until(() => stage.site.requests.includes('/prerenders'), 'prerendering', stage.site.requests);
  await look(2500);
  assert.deepEqual(stage.collector.requests, []);
  const activatedAt = Date.now();
  await tab.evaluate(() => document.getElementById('go').click());
  const [event] = await stage.eventsWith('prerendered');
  assert.ok(event.ts >= activatedAt + 1000);
});
