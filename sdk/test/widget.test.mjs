/** The widget's SDK in an iframe of another origin, with a page's SDK, without one, and among strangers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAR, link, look, openStage, until } from './stage.mjs';

const stage = openStage({ without: ['--disable-back-forward-cache'] });
const UNAUTHENTICATED = 16;

/** The page's SDK answers, sooner or later. */
const PATIENT = 'data-join-ms="60000"';

const iframe = (src) => `<iframe src="${src}" width="300" height="200"></iframe>`;

function putWidget({ attributes = PATIENT, html = link('in widget') } = {}) {
  const all = `data-widget="related" data-page-origins="${stage.site.origin}" ${attributes}`;
  return stage.other.put('/widget', stage.sdk(all, 'eyeshot-widget.js') + html);
}

function putPage(widget, { origins = stage.other.origin, html = '', sdk = true } = {}) {
  const script = sdk ? stage.sdk(`data-widget-origins="${origins}"`) : '';
  return stage.site.put('/', script + iframe(widget) + html);
}

const facts = ({ et, lb, pl, w, so, n }) => [et, lb, pl, w, so, n];

test('a widget reports through the page: its own source and numbers, one page view', async () => {
  await stage.open(putPage(putWidget(), { html: link('on page') }));
  const events = await stage.events((all) => all.length >= 3, 'three events');
  assert.deepEqual(events.map(facts).sort(), [
    ['link_impression', 'in widget', 'widget', 'related', 'widget1', 1],
    ['link_impression', 'on page', 'inline', undefined, 'page', 0],
    ['widget_impression', undefined, 'widget', 'related', 'widget1', 0],
  ]);
  assert.equal(new Set(events.map(({ pv }) => pv)).size, 1, 'one page view');
  assert.deepEqual(new Set(events.map(({ p }) => p)), new Set([`${stage.site.origin}/`]), "the publisher's page");
  assert.ok(events.every(({ q = 0 }) => !(q & UNAUTHENTICATED)));
  for (const { headers } of stage.collector.requests) assert.equal(headers.origin, stage.site.origin, 'one queue');
});

test('a page that is left says the final counts of its widgets, once', async () => {
  const tab = await stage.open(putPage(putWidget(), { html: link('on page') }));
  await stage.events((all) => all.length >= 3, 'three events');
  await tab.goto(stage.site.put('/next', stage.sdk()));
  const ends = () => stage.collector.allEvents().filter(({ et }) => et === 'page_end').map(({ so, n }) => [so, n]).sort();
  await until(() => ends().length >= 2, 'final counts', stage.collector.requests);
  await tab.goBack();
  await stage.events((all) => all.length >= 6, 'six events');
  await tab.goto(stage.site.put('/last', stage.sdk()));
  await until(() => ends().length >= 4, 'final counts of the second page view', stage.collector.requests);
  assert.deepEqual(ends(), [['page', 1], ['page', 1], ['widget1', 2], ['widget1', 2]]);
});

test('a widget below the fold is seen when the reader gets there', async () => {
  const tab = await stage.open(
    stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + link('top') + FAR + iframe(putWidget())),
  );
  assert.deepEqual((await stage.eventsWith('top')).map(({ so }) => so), ['page']);
  await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
  assert.deepEqual((await stage.eventsWith('in widget')).map(({ so }) => so), ['page', 'widget1', 'widget1']);
});

test('a page whose SDK comes late is joined as well', async () => {
  const url = stage.site.put('/', iframe(putWidget()));
  const tab = await stage.open(url);
  await look(700);
  await tab.evaluate(
    ({ src, endpoint, origin }) => {
      const script = document.createElement('script');
      script.src = src;
      Object.assign(script.dataset, { site: 'test', endpoint, widgetOrigins: origin });
      document.head.append(script);
    },
    { src: `${stage.collector.url}/sdk/eyeshot.js`, endpoint: stage.collector.endpoint, origin: stage.other.origin },
  );
  const events = await stage.eventsWith('in widget');
  assert.deepEqual(events.map(({ so }) => so), ['widget1', 'widget1']);
});

test('without a page SDK the widget reports alone, and says so', async () => {
  await stage.open(putPage(putWidget({ attributes: 'data-join-ms="500"' }), { sdk: false }));
  const events = await stage.eventsWith('in widget');
  assert.deepEqual(events.map(facts), [
    ['widget_impression', undefined, 'widget', 'related', 'widget0', 0],
    ['link_impression', 'in widget', 'widget', 'related', 'widget0', 1],
  ]);
  assert.ok(events.every(({ q }) => q & UNAUTHENTICATED));
  assert.match(events[0].pv, /^[A-Za-z0-9_-]{22}$/);
  assert.equal(stage.collector.requests[0].headers.origin, stage.other.origin);
});

test('a widget that is left before anybody answered loses nothing', async () => {
  const tab = await stage.open(putPage(putWidget(), { sdk: false }));
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  const counted = () => [document.documentElement, document.querySelector('a')].every((each) => eyeshot.inspect(each)?.rules[0].state === 'counted');
  await frame.waitForFunction(counted, { polling: 20 });
  await look(1500);
  assert.deepEqual(stage.collector.requests, [], 'it still waits for the page');
  await tab.goto('about:blank');
  const events = await stage.eventsWith('in widget');
  assert.equal(events.length, 2);
});

test('a page accepts only the origins that it was given', async () => {
  const origins = 'https://widgets.example http://localhost:1';
  await stage.open(putPage(putWidget({ attributes: 'data-join-ms="500"' }), { origins }));
  const events = await stage.eventsWith('in widget');
  assert.deepEqual(new Set(events.map(({ so }) => so)), new Set(['widget0']));
  assert.ok(events.every(({ q }) => q & UNAUTHENTICATED));
});

test('a widget joins only the pages that it was given', async () => {
  const widget = stage.other.put(
    '/widget',
    stage.sdk('data-widget="related" data-page-origins="https://publisher.example" data-join-ms="500"', 'eyeshot-widget.js') +
      link('in widget'),
  );
  await stage.open(putPage(widget));
  const events = await stage.eventsWith('in widget');
  assert.deepEqual(new Set(events.map(({ so }) => so)), new Set(['widget0']));
});

test('a stranger gets no port: a nested frame, a pop-up, the page itself, a wrong message', async () => {
  // The right origin does not help when the window is not a frame of the page.
  const hello = `{ eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }`;
  const ask = (target) => `<script>
    window.ports = 0;
    addEventListener('message', ({ ports: given }) => { ports += given.length; });
    for (const message of [${hello}, null, 'hello', { eyeshot: 1 }, { eyeshot: 1, nonce: 7 }, { eyeshot: 2, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }])
      ${target}.postMessage(message, '${stage.site.origin}');
  </script>`;
  const nested = stage.other.put('/nested', ask('top'));
  const outer = stage.other.put('/outer', iframe(nested));
  const popup = stage.other.put('/popup', ask('opener'));
  const html = link('sentinel') + iframe(outer) + ask('window');
  const tab = await stage.open(stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin} ${stage.site.origin}"`) + html));
  const opened = new Promise((found) => tab.once('popup', found));
  await tab.evaluate((url) => void open(url), popup);
  const windows = [tab, await opened, await tab.waitForFrame((each) => each.url().endsWith('/nested'))];
  for (const each of windows) await each.waitForFunction(() => window.ports !== undefined);
  await tab.bringToFront();
  await stage.eventsWith('sentinel');
  for (const each of windows) assert.equal(await each.evaluate(() => window.ports), 0);
});

test('a welcome is worth nothing without the nonce, from another window or from another origin', async () => {
  const forge = `<script>
    addEventListener('message', ({ data, source, origin }) => {
      window.heard = (window.heard ?? 0) + 1;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { window.caught = true; };
      source.postMessage({ eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', view: { consent: true } }, origin, [port2]);
    });
  </script>`;
  const sibling = stage.site.put('/sibling', `<script>
    const timer = setInterval(() => parent.frames[0]?.postMessage({ eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', view: {} }, '${stage.other.origin}'), 50);
  </script>`);
  const widget = putWidget({ attributes: 'data-join-ms="1500"' });
  const tab = await stage.open(stage.site.put('/', forge + iframe(widget) + iframe(sibling)));
  const events = await stage.eventsWith('in widget');
  assert.ok(await tab.evaluate(() => window.heard >= 2), 'the widget asked, again and again');
  assert.equal(await tab.evaluate(() => window.caught), undefined);
  assert.ok(events.every(({ q }) => q & UNAUTHENTICATED));
});

test('what a widget sends is checked: numbers are used once, and nonsense is ignored', async () => {
  const widget = stage.other.put('/widget', `<script>
    const hello = () => parent.postMessage({ eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }, '${stage.site.origin}');
    addEventListener('message', ({ data: { view, ask }, ports: [port] }) => {
      if (ask) return hello();
      const event = (name) => ({ et: name, ts: Date.now(), pl: 'inline' });
      const send = (sequence, event, page_view_id = view.page_view_id) => port.postMessage({ page_view_id, sequence, event });
      send(0, event('first'));
      send(0, event('again'));
      send(-1, event('negative'));
      send(0.5, event('broken'));
      send(1, event('elsewhere'), 'AAAAAAAAAAAAAAAAAAAAAA');
      send(1, { ts: 1 });
      send(1, { et: 'x', ts: Date.now(), x: { text: 'x'.repeat(9000) } });
      port.postMessage(null);
      send(3, event('fourth'));
    });
    hello();
  </script>`);
  await stage.open(stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + iframe(widget)));
  const events = await stage.events((all) => all.some(({ et }) => et === 'fourth'), 'the fourth');
  assert.deepEqual(events.map(({ et, n, pl, so }) => [et, n, pl, so]), [
    ['first', 0, 'widget', 'widget1'],
    ['fourth', 3, 'widget', 'widget1'],
  ]);
});

test('a widget that is reloaded is another source', async () => {
  const tab = await stage.open(putPage(putWidget()));
  await stage.eventsWith('in widget');
  await tab.evaluate((url) => { document.querySelector('iframe').src = `${url}?again`; }, putWidget());
  const events = await stage.events((all) => all.length >= 4, 'four events');
  assert.deepEqual(events.map(({ so, n }) => [so, n]), [['widget1', 0], ['widget1', 1], ['widget2', 0], ['widget2', 1]]);
});

test('after the back/forward cache, page and widget share the new page view', async () => {
  const tab = await stage.open(putPage(putWidget(), { html: link('on page') }));
  await stage.events((all) => all.length >= 3, 'three events');
  await tab.goto(stage.site.put('/next', 'The next page'));
  await tab.goBack();
  const events = await stage.events((all) => all.length >= 6, 'six events');
  const views = [...new Set(events.map(({ pv }) => pv))];
  assert.equal(views.length, 2);
  const again = events.filter(({ pv }) => pv === views[1]);
  assert.deepEqual(again.map(({ so, n }) => [so, n]).sort(), [['page', 0], ['widget1', 0], ['widget1', 1]]);
});

test('a click in a widget is reported through the page', async () => {
  const tab = await stage.open(putPage(putWidget({ html: link('in widget', 'height:40px', '#here') })));
  await stage.eventsWith('in widget');
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  await frame.click('a');
  const events = await stage.events((all) => all.length >= 3, 'the click');
  assert.deepEqual(facts(events[2]), ['link_click', 'in widget', 'widget', 'related', 'widget1', 2]);
});

for (const [what, sabotage] of Object.entries({
  'refuses beacons': () => { navigator.sendBeacon = () => false; },
  'has none': () => { navigator.sendBeacon = undefined; },
})) {
  test(`a widget that is left before anybody answered, in a browser that ${what}, loses nothing`, async () => {
    const widget = putWidget({ attributes: 'data-join-ms="60000"' });
    const tab = await stage.open(putPage(widget, { sdk: false }), (fresh) => fresh.evaluateOnNewDocument(sabotage));
    const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
    await frame.waitForFunction(() => window.eyeshot);
    await look(2500);
    await tab.goto('about:blank');
    const events = await stage.eventsWith('in widget');
    assert.deepEqual(events.map(({ so, n }) => [so, n]), [['widget0', 0], ['widget0', 1]]);
  });
}
