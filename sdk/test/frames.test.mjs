/** Frames of every kind: what a hostile one can do, and what a good one still gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage();
const QUALITY = { occlusion_unknown: 1, unauthenticated: 16 };

const page = (html, attributes = '') =>
  stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}" ${attributes}`) + html);
const widget = (attributes = 'data-join-ms="60000"', html = link('in widget')) =>
  stage.other.put('/widget', stage.sdk(`data-widget="w" ${attributes}`, 'eyeshot-widget.js') + html);

/** A frame that speaks the protocol by itself: `play` is run with its port and the page view, as soon as it has them. */
const stranger = (play) =>
  stage.other.put(
    '/stranger',
    `<script>
      const hello = (nonce) => parent.postMessage({ eyeshot: 1, nonce }, '${stage.site.origin}');
      const event = (et, more) => ({ et, ts: Date.now(), ...more });
      addEventListener('message', ({ data, ports: [port] }) => {
        if (data.ask) hello('AAAAAAAAAAAAAAAAAAAAAA');
        if (port) (${play})(port, data.view);
      });
      hello('AAAAAAAAAAAAAAAAAAAAAA');
    </script>`,
  );

test('a frame that says too much too fast is cut short, and the page goes on', async () => {
  const flood = stranger(`(port, { page_view_id }) => {
    for (let i = 0; i < 3000; i++) port.postMessage({ page_view_id, sequence: i, event: event('flood') });
  }`);
  const note = "<script>window.floods = []; eyeshot.on('seen', ({ event }) => event.et === 'flood' && floods.push(performance.now()))</script>";
  const tab = await stage.open(page(`${note}<iframe src="${flood}"></iframe>${link('on page')}`));
  const floods = (events) => events.filter(({ et }) => et === 'flood');
  await stage.events((all) => floods(all).length >= 1000 && labels(all).includes('on page'), 'both');
  await look(1000);
  const times = await tab.evaluate(() => window.floods);
  const seconds = (times.at(-1) - times[0]) / 1000;
  assert.ok(times.length >= 1000 && times.length <= 1001 + 20 * seconds, `${times.length} of 3000 passed in ${seconds} s`);
  assert.ok(times.length < 3000, 'it was cut short');
});

test('events that break a bound of the schema are not taken', async () => {
  const bad = [
    "event('Upper')", "event('x', { ts: -1 })", "event('x', { ts: 1.5 })", "event('x', { l: 7 })", "event('x', { lb: 'x'.repeat(257) })",
    "event('x', { pl: 'elsewhere' })", "event('x', { vr: 1.1 })", "event('x', { q: -1 })", "event('x', { x: { a: {} } })",
    "event('x', { x: 'text' })", "event('x', { l: {} })", "event('x', { x: { n: 10n } })", '7', 'null', '[]',
  ];
  const play = stranger(`(port, { page_view_id }) => {
    [${bad}].forEach((event, sequence) => port.postMessage({ page_view_id, sequence, event }));
    port.postMessage({ page_view_id, sequence: 99, event: event('good', { x: { a: 1, b: null, c: 'text', d: true } }) });
  }`);
  await stage.open(page(`<iframe src="${play}"></iframe>`));
  const events = await stage.events((all) => all.length, 'the good one');
  assert.deepEqual(events.map(({ et, n }) => [et, n]), [['good', 99]]);
});

test('a frame that asks again and again has one port at a time', async () => {
  const many = stranger(`(port, view) => {
    (window.sources ??= []).push(view.source);
    if (sources.length < 5) hello('A'.repeat(21) + sources.length);
    else port.postMessage({ page_view_id: view.page_view_id, sequence: 0, event: event('last') });
  }`);
  await stage.open(page(`<iframe src="${many}"></iframe>`));
  const [event] = await stage.events((all) => all.length, 'the last');
  assert.equal(event.so, 'widget5');
});

test('a sandboxed frame has no origin that could be trusted: its widget reports alone, without storage', async () => {
  const html = `<iframe sandbox="allow-scripts" src="${widget('')}" width="300" height="200"></iframe>`;
  await stage.open(page(html));
  const events = await stage.eventsWith('in widget');
  assert.deepEqual(new Set(events.map(({ so }) => so)), new Set(['widget0']));
  assert.ok(events.every(({ q }) => q & QUALITY.unauthenticated));
  assert.deepEqual(stage.warnings, []);
});

test('a widget in a frame in a frame is measured by what the page shows of it, and reports alone', async () => {
  const outer = stage.other.put('/outer', `<iframe src="${widget('data-join-ms="700"', link('upper', 'height:90px') + link('lower', 'height:90px'))}" width="280" height="220" style="border:0"></iframe>`);
  await stage.open(page(`<iframe src="${outer}" style="position:fixed;bottom:-100px;height:220px;border:0"></iframe>`));
  const events = await stage.eventsWith('upper');
  await look(1500);
  assert.ok(!labels(stage.collector.events()).includes('lower'), 'below the fold');
  assert.ok(events.every(({ so, q }) => so === 'widget0' && q & QUALITY.unauthenticated));
});

test('a frame that was navigated to a stranger speaks to the page no more', async () => {
  const tab = await stage.open(page(`<iframe src="${widget()}" width="300" height="200"></iframe>`));
  await stage.eventsWith('in widget');
  const elsewhere = stage.site.put('/elsewhere', `<script>
    window.ports = 0;
    addEventListener('message', ({ ports: given }) => { ports += given.length; });
    parent.postMessage({ eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }, '${stage.site.origin}');
    window.asked = true;
  </script>`);
  await tab.evaluate((url) => { document.querySelector('iframe').src = url; }, elsewhere);
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/elsewhere'));
  await frame.waitForFunction(() => window.asked);
  await look(500);
  assert.equal(await frame.evaluate(() => window.ports), 0);
});

test('only the page knows that nobody can see the frame: hidden or covered, its widget is no impression', async () => {
  for (const [path, html] of Object.entries({
    '/hidden': `<iframe src="${widget()}" style="visibility:hidden"></iframe>`,
    '/transparent': `<div style="opacity:0"><iframe src="${widget()}"></iframe></div>`,
    '/covered': `<iframe src="${widget()}"></iframe><div style="position:fixed;inset:0;background:white"></div>`,
  })) {
    const tab = await stage.open(stage.site.put(path, `${stage.sdk(`data-widget-origins="${stage.other.origin}"`)}${html}`));
    await look(2500);
    await tab.close();
  }
  await stage.open(page(`<iframe src="${widget()}"></iframe>`));
  const events = await stage.events((all) => all.some(({ p }) => p.endsWith('/')), 'events of the last page');
  const counted = events.filter(({ et }) => et.endsWith('impression'));
  assert.deepEqual(new Set(counted.map(({ p }) => new URL(p).pathname)), new Set(['/']));
  assert.ok(counted.every(({ q = 0 }) => !(q & QUALITY.occlusion_unknown)), 'nothing is on top of the frame, and the page knows');
});

test('a widget that gave up joins when the page begins after all', async () => {
  const tab = await stage.open(stage.site.put('/', `<iframe src="${widget('data-join-ms="300"', link('first') + link('clicked', 'height:40px', '#here'))}"></iframe>`));
  await stage.eventsWith('first');
  await tab.evaluate(
    (src, endpoint, origin) => {
      const script = document.createElement('script');
      script.src = src;
      Object.assign(script.dataset, { site: 'test', endpoint, widgetOrigins: origin });
      document.head.append(script);
    },
    `${stage.collector.url}/sdk/eyeshot.js`, stage.collector.endpoint, stage.other.origin,
  );
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  const clickUntilJoined = async () => {
    await frame.click('a:last-of-type');
    await look(300);
    return stage.collector.events().some(({ so }) => so === 'widget1');
  };
  await until(clickUntilJoined, 'a click through the page', stage.collector.requests);
});
