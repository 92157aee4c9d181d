/** Nothing happens before the reader agreed, and nothing after the reader took it back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kept, LISTEN, sees } from './lives.mjs';
import { HOLD, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage();

/** Counts every listener, observer and timer that is set up from now on. */
const countWork = (tab) =>
  tab.evaluateOnNewDocument(() => {
    window.work = [];
    for (const [owner, name] of [
      [EventTarget.prototype, 'addEventListener'],
      [IntersectionObserver.prototype, 'observe'],
      [MutationObserver.prototype, 'observe'],
      [Storage.prototype, 'setItem'],
      [window, 'setTimeout'],
    ]) {
      const real = owner[name];
      owner[name] = function (...args) {
        work.push(`${name} ${typeof args[0] === 'string' ? args[0] : ''}`);
        return real.apply(this, args);
      };
    }
  });

const traces = (tab) => tab.evaluate(() => [work, document.cookie, localStorage.length]);

test('before consent there is no listener, no observer, no timer, no storage and no request', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-consent="required"') + link('first', 'height:40px', '#here')), countWork);
  await tab.click('a');
  await look(1500);
  assert.deepEqual(await traces(tab), [[], '', 0]);
  assert.deepEqual(stage.collector.requests, []);
  const agreedAt = await tab.evaluate(() => {
    eyeshot.consent(true);
    return Date.now();
  });
  const [event] = await stage.eventsWith('first');
  assert.equal(event.et, 'link_impression');
  assert.ok(event.ts >= agreedAt + 1000, 'what was seen before does not count');
});

test('consent that was given before the start counts, and so does its refusal', async () => {
  const { url, endpoint } = stage.collector;
  const start = (given) => `<script src="${url}/sdk/eyeshot.js"></script><script>eyeshot.consent(${given});
    eyeshot.init({ site: 'test', endpoint: '${endpoint}', consent: 'required' })</script>`;
  await stage.open(stage.site.put('/no', start(false) + link('refused')));
  await look(1500);
  await stage.open(stage.site.put('/', start(true) + link('agreed')));
  assert.deepEqual(labels(await stage.eventsWith('agreed')), ['agreed']);
});

test('consent that is taken back stops everything, and what waited is forgotten', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk(HOLD) + LISTEN + link('first', 'height:40px', '#here')), countWork);
  await sees(tab, 1);
  await tab.evaluate(() => eyeshot.consent(false));
  await tab.evaluate(() => { work.length = 0; });
  await tab.click('a');
  await look(3000);
  const other = await stage.open(stage.site.put('/other', 'Something else'));
  await tab.bringToFront();
  await other.close();
  assert.deepEqual(await traces(tab), [[], '', 0]);
  assert.deepEqual(stage.collector.requests, []);
  await tab.evaluate(() => eyeshot.consent(true));
  await sees(tab, 2);
  await tab.goto('about:blank');
  const [event] = await stage.eventsWith('first');
  assert.equal(event.n, 0, 'a new page view');
});

test('Do Not Track is honoured where the publisher says so', async () => {
  const ask = (tab) => tab.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'doNotTrack', { value: '1' }));
  await stage.open(stage.site.put('/honoured', stage.sdk('data-honour-dnt') + link('honoured')), ask);
  await look(1500);
  await stage.open(stage.site.put('/', stage.sdk() + link('counted')), ask);
  assert.deepEqual(labels(await stage.eventsWith('counted')), ['counted']);
});

/** A consent platform that answers what the test says, when it says so. */
const platform = `<script>
  const hearers = [];
  window.__tcfapi = (command, version, hear) => { if (command === 'addEventListener' && version === 2) hearers.push(hear); };
  window.answer = (data) => hearers.forEach((hear) => hear(data, true));
</script>`;
const tcf = (attributes = '') => `<script src="${stage.collector.url}/sdk/eyeshot-tcf.js" ${attributes}></script>`;

test('a consent platform (TCF v2) is asked for the purposes and the vendor, and heard again when it changes', async () => {
  const html = platform + stage.sdk('data-consent="required"') + tcf('data-purposes="1 8" data-vendor="755"') + link('first');
  const tab = await stage.open(stage.site.put('/', html));
  const say = (eventStatus, purposes, vendors) =>
    tab.evaluate((status, purpose, vendor) => {
      const yes = (ids) => ({ consents: Object.fromEntries(ids.map((id) => [id, true])) });
      answer({ gdprApplies: true, eventStatus: status, purpose: yes(purpose), vendor: yes(vendor) });
    }, eventStatus, purposes, vendors);
  await say('cmpuishown', [1, 8], [755]);
  await say('useractioncomplete', [1], [755]);
  await say('useractioncomplete', [1, 8], []);
  await look(1500);
  assert.deepEqual(stage.collector.requests, []);
  await say('useractioncomplete', [1, 8], [755]);
  await stage.eventsWith('first');
  await say('useractioncomplete', [], []);
  await tab.click('a', { button: 'middle' });
  await look(2500);
  assert.deepEqual(stage.collector.events().length, 1);
});

test('where the law does not apply, the consent platform says so', async () => {
  const tab = await stage.open(stage.site.put('/', platform + stage.sdk('data-consent="required"') + tcf() + link('first')));
  await tab.evaluate(() => answer({ gdprApplies: false, eventStatus: 'tcloaded' }));
  await stage.eventsWith('first');
});

test('a widget that leaves it to the page is silent until the page has consent, and again when it has not', async () => {
  const widget = stage.other.put('/widget', stage.sdk('data-widget="w" data-consent="page" data-join-ms="300"', 'eyeshot-widget.js') + link('in widget', 'height:40px', '#here'));
  const page = stage.sdk(`data-consent="required" data-widget-origins="${stage.other.origin}"`) + `<iframe src="${widget}"></iframe>`;
  const tab = await stage.open(stage.site.put('/', page));
  await look(2500);
  assert.deepEqual(stage.collector.requests, []);
  await tab.evaluate(() => eyeshot.consent(true));
  const events = await stage.eventsWith('in widget');
  assert.ok(events.every(({ so, q = 0 }) => so !== 'widget0' && !(q & 16)));
  await tab.evaluate(() => eyeshot.consent(false));
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  await frame.click('a');
  await look(2500);
  const before = stage.collector.events().length;
  assert.ok(stage.collector.events().every(({ et }) => et !== 'link_click'));
  await tab.evaluate(() => eyeshot.consent(true));
  await stage.events((all) => all.length > before, 'events of the new page view');
  await until(async () => !(await kept(tab)).length, 'empty storage');
});
