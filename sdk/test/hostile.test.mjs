/** More than ten thousand messages of strangers: not one is accepted, and the page goes on as before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.mjs';
import { link, look, openStage, until } from './stage.mjs';

const stage = openStage();
const EACH = 2000;
const iframe = (src, more = '') => `<iframe src="${src}" width="300" height="60" ${more}></iframe>`;

/** Script of an attacker that tells how many messages it posted and how many ports it was given. The driver of the
 * browser is not asked: it loses frames of other processes that come all at once. */
const report = (seed) => `() => { new Image().src = '${stage.site.origin}/report?' + ['${seed}', window.posted, window.ports]; }`;

/** What attackers told: [who, messages posted, ports given]. */
const reports = () =>
  stage.site.requests.filter((url) => url.startsWith('/report?')).map((url) => url.slice('/report?'.length).split(',').map(Number));

/** Whether so many attackers have posted so many messages. */
const posted = (attackers, messages) => new Set(reports().filter(([, count]) => count >= messages).map(([who]) => who)).size === attackers;

/** A page that posts its messages to `target`, with and without a port; tells what it is given. */
function attack(seed, target, origin, valid = '{ never: false }') {
  return `<script>
    window.ports = 0;
    const report = ${report(seed)};
    addEventListener('message', ({ ports: given }) => { ports += given.length; if (given.length) report(); });
    const all = (${fuzz})(${seed}, ${EACH}, ${valid});
    (async () => {
      window.posted = 0;
      while (posted < all.length) {
        for (const message of all.slice(posted, posted + 50)) {
          const { port2 } = new MessageChannel();
          const target = ${target};
          if (!target) return;
          try {
            if (posted % 2) target.postMessage(message, '${origin}', [port2]);
            else target.postMessage(message, '${origin}');
          } catch (error) {
            if (error.name !== 'DataCloneError') throw error;
          }
          posted++;
        }
        await new Promise((next) => setTimeout(next, 0));
      }
      report();
    })();
  </script>`;
}

test('of 10,000 messages from wrong places, none is accepted', async () => {
  const { site, other } = stage;
  const stranger = stage.site.put('/attack-same-site', attack(1, 'parent', site.origin));
  const sandboxed = other.put('/attack-sandboxed', attack(2, 'parent', site.origin));
  const nested = other.put('/attack-nested', attack(3, 'top', site.origin));
  const outer = site.put('/outer', iframe(nested));
  const listed = other.put('/attack-version', attack(4, 'parent', site.origin, '{ never: true }'));
  const popup = other.put('/attack-popup', attack(5, 'opener', site.origin));
  const sibling = site.put('/attack-sibling', attack(6, 'parent.frames[0]', other.origin));
  const widget = other.put(
    '/widget',
    stage.sdk(`data-widget="related" data-join-ms="60000" data-page-origins="${site.origin}"`, 'eyeshot-widget.js') + link('in widget', 'height:30px'),
  );
  const html =
    [widget, stranger, outer, listed, sibling].map((url) => iframe(url)).join('') + iframe(sandboxed, 'sandbox="allow-scripts"');
  // The attackers come after the widget: it is parent.frames[0].
  const tab = await stage.open(site.put('/', stage.sdk(`data-widget-origins="${other.origin}"`) + link('on page') + html));
  await tab.evaluate((url) => void open(url), popup);
  await until(() => posted(6, EACH), 'all posted', stage.warnings);
  await tab.bringToFront();
  await stage.events((events) => events.length >= 3, 'three events');
  await look(2500);
  assert.deepEqual(
    reports().filter(([, , ports]) => ports > 0),
    [],
    'nobody was given a port',
  );
  assert.deepEqual(
    stage.collector
      .events()
      .filter(({ et }) => et !== 'page_end')
      .map(({ so, lb, w }) => [so, lb ?? w])
      .sort(),
    [
      ['page', 'on page'],
      ['widget1', 'in widget'],
      ['widget1', 'related'],
    ],
  );
  assert.equal(await tab.evaluate(() => ({}).polluted), undefined);
  assert.deepEqual(
    stage.warnings.filter((warning) => /eyeshot/.test(warning)),
    [],
    'it did not even stumble',
  );
});

test('a widget that was let in can say nothing that is not an event of its own', async () => {
  const widgets = 10;
  const html = (seed) => `<script>
    const hello = { eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAA' + String(${seed}).padStart(2, '0') };
    const ask = () => parent.postMessage(hello, '${stage.site.origin}');
    const asking = setInterval(ask, 100); // the page may not listen yet
    addEventListener('message', ({ data: { view }, ports: [port] }) => {
      if (!port || window.posted) return; // an invitation
      clearInterval(asking);
      const { page_view_id } = view;
      const valid = { page_view_id, sequence: 0, event: { et: 'link_impression', ts: Date.now(), lb: 'forged' } };
      const isValid = (message) => message?.page_view_id === page_view_id && Number.isInteger(message.sequence) && message.sequence >= 0 && message.sequence < 10_000;
      port.postMessage({ ...valid, event: { ...valid.event, lb: 'genuine' } });
      window.ports = 1;
      window.posted = 0;
      for (const message of (${fuzz})(${seed}, 300, valid)) {
        if (isValid(message) && message.event?.et === 'link_impression' && message.event.ts > 0 && message.event.lb === 'forged') continue;
        try { port.postMessage(message); posted++; } catch (error) { if (error.name !== 'DataCloneError') throw error; }
      }
      (${report(seed)})();
    });
    ask();
  </script>`;
  const frames = Array.from({ length: widgets }, (_, i) => iframe(stage.other.put(`/attack${i}`, html(i)))).join('');
  const tab = await stage.open(
    stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + link('on page') + frames),
  );
  await until(() => posted(widgets, 200), 'all sent', stage.warnings);
  const said = () => stage.collector.events().filter(({ et, so }) => et !== 'page_end' && so !== 'page');
  await stage.eventsWith('on page');
  await until(() => said().length >= widgets, 'an event of each', stage.collector.requests);
  await look(2500);
  assert.deepEqual(
    said().map(({ lb }) => lb),
    Array(widgets).fill('genuine'),
  );
  assert.equal(await tab.evaluate(() => ({}).polluted), undefined);
});
