/** Pages that come back, redirect, or are torn up: what was on its way is neither lost nor in the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAndSee } from './lives.mjs';
import { labels, link, openStage, until } from './stage.mjs';

const stage = openStage({ without: ['--disable-back-forward-cache'] });

const putPage = (html, origins = stage.other.origin) => stage.site.put('/', stage.sdk(`data-widget-origins="${origins}"`) + html);

test('an upgrade of a built-in element is awaited too, and a name that nobody can define harms nobody', async () => {
  const html = '<div is="x-card"></div><a is="nonsense"></a><script>document.body.append(document.createElement("a", { is: "x-link" }))</script>';
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first') + html));
  await stage.eventsWith('first');
  await tab.evaluate((inside) => {
    customElements.define('x-card', class extends HTMLDivElement {
      constructor() {
        super();
        this.attachShadow({ mode: 'open' }).innerHTML = inside;
      }
    }, { extends: 'div' });
  }, link('in card'));
  await stage.eventsWith('in card');
});

test('two routes in one task lose nothing of a widget: its final count is that of the view it had events in', async () => {
  const widget = stage.other.put('/widget', stage.sdk('data-widget="w"', 'eyeshot-widget.js') + link('in widget'));
  const tab = await stage.open(putPage(`<iframe src="${widget}"></iframe>`));
  const [{ pv }] = await stage.eventsWith('in widget');
  await tab.evaluate(() => {
    history.pushState(null, '', '/redirect');
    history.pushState(null, '', '/target');
  });
  const ofFirst = () => stage.collector.allEvents().filter((each) => each.pv === pv && each.so === 'widget1');
  await until(() => ofFirst().some(({ et }) => et === 'page_end'), 'final count', stage.collector.requests);
  assert.deepEqual(ofFirst().map(({ et, n }) => [et, n]), [['widget_impression', 0], ['link_impression', 1], ['page_end', 2]]);
});

test('a page view has so many sources; in the next one widgets are welcome again', async () => {
  const widget = stage.other.put('/widget', `<script>
    window.sources = [];
    window.ask = (from, to) => {
      for (let i = from; i < to; i++) parent.postMessage({ eyeshot: 1, nonce: String(i).padStart(22, '0') }, '${stage.site.origin}');
    };
    addEventListener('message', ({ data: { view }, ports: [port] }) => { if (port) sources.push(view.source); });
  </script>`);
  const counter = '<script>window.heard = new Set(); addEventListener("message", ({ data }) => heard.add(data.nonce))</script>';
  const tab = await stage.open(putPage(`${counter}<iframe src="${widget}"></iframe>`));
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  const given = () => frame.evaluate(() => sources);
  await until(async () => {
    await frame.evaluate(() => ask(0, 1));
    return (await given()).length;
  }, 'the first welcome');
  await frame.evaluate(() => ask(1, 10_000));
  await until(async () => (await tab.evaluate(() => heard.size)) === 10_000 && (await given()).length >= 9000, 'welcomes');
  const before = await given();
  assert.ok(before.length < 10_000 && new Set(before).size === before.length, `${before.length} welcomes`);
  await tab.evaluate(() => history.pushState(null, '', '/route'));
  await frame.evaluate(() => ask(10000, 10003));
  await until(async () => (await given()).length === before.length + 3, 'welcomes in the next view');
  const after = (await given()).slice(-3);
  assert.equal(new Set([...after, before.at(-1)]).size, 4, 'no name twice in a view');
  assert.ok(after.every((source) => /^widget\d{1,4}$/.test(source)), after);
});

test('a request that is never answered, because its page was put aside, does not stop what the page sees when it is back', async () => {
  const unanswered = (tab) =>
    tab.evaluateOnNewDocument(() => {
      const real = fetch;
      window.fetch = (...args) => {
        window.fetch = real;
        window.asked = args;
        return new Promise(() => {});
      };
    });
  const tab = await openAndSee(stage, link('first'), 1, { prepare: unanswered, attributes: '' });
  await tab.waitForFunction(() => window.asked, { polling: 20 });
  await tab.goto(stage.site.put('/next', 'The next page'));
  await tab.goBack();
  assert.ok(await tab.evaluate(() => !!window.asked), 'the page itself is back');
  await until(() => new Set(stage.collector.events().map(({ pv }) => pv)).size === 2, 'events of both views', stage.collector.requests);
  assert.deepEqual(labels(stage.collector.events()), ['first', 'first']);
});

test('a script that cannot know where its parts are says so, and tracks all the same', async () => {
  const { url, endpoint } = stage.collector;
  const html = `<script type="module">
    await import('${url}/sdk/eyeshot.js');
    eyeshot.init({ site: 'test', endpoint: '${endpoint}', widgetOrigins: '${stage.other.origin}' });
  </script>`;
  await stage.open(stage.site.put('/', html + link('first')));
  await stage.eventsWith('first');
  assert.equal(stage.warnings.length, 1, stage.warnings.join());
  assert.match(stage.warnings[0], /eyeshot-frames\.[0-9a-f]+\.js/);
});
