/** The files that are loaded only where they are needed, under policies that forbid almost everything. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { builtName } from './builtName.mjs';
import { labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage();
const dist = (file) => readFile(new URL(`../dist/${file}`, import.meta.url), 'utf8');
const missing = (tab) => tab.evaluateOnNewDocument(() => { delete window.IntersectionObserver; });

const policy = (more = '') => {
  const { url } = stage.collector;
  const text = `default-src 'none'; script-src ${url}; connect-src ${url}; require-trusted-types-for 'script'; trusted-types eyeshot ${more}`;
  return `<meta http-equiv="Content-Security-Policy" content="${text}">`;
};

test('a part is loaded under a strict policy with Trusted Types, from beside the script', async () => {
  await stage.open(stage.site.put('/', policy() + stage.sdk() + link('first')), missing);
  await stage.eventsWith('first');
  assert.deepEqual(stage.warnings, []);
});

test('two parts are loaded under one policy, whose name can be used once', async () => {
  await stage.open(stage.site.put('/', policy() + stage.sdk('data-widget-origins="https://widgets.example"') + link('first')), missing);
  await stage.eventsWith('first');
  assert.deepEqual(stage.warnings, []);
});

test('a part that is not what the script was built with is not run', async () => {
  stage.collector.tamper = await builtName('eyeshot-fallback.js');
  await stage.open(stage.site.put('/', stage.sdk() + link('first')), missing);
  await until(() => stage.warnings.some((warning) => /eyeshot-fallback.* could not be loaded/.test(warning)), 'warning', stage.warnings);
  await look(1500);
  assert.deepEqual(stage.collector.requests, []);
});

test('a page without widgets, in a good browser, loads no part', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')));
  await stage.eventsWith('first');
  const loaded = await tab.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').pop()));
  assert.deepEqual(loaded.filter((name) => name.startsWith('eyeshot')), ['eyeshot.js']);
});

for (const part of ['fallback', 'frames', 'alone']) {
  test(`the part ${part} has a name that follows its content, and the digest that the scripts carry`, async () => {
    for (const suffix of ['js', 'mjs']) {
      const file = await builtName(`eyeshot-${part}.${suffix}`);
      const [code] = (await dist(file)).split('\n//# sourceMappingURL=');
      assert.equal(file, `eyeshot-${part}.${createHash('sha256').update(code).digest('hex').slice(0, 6)}.${suffix}`);
    }
    const digest = createHash('sha256').update(await dist(await builtName(`eyeshot-${part}.js`))).digest('base64');
    assert.ok((await dist('eyeshot.js') + (await dist('eyeshot-widget.js'))).includes(`sha256-${digest}`));
  });
}

test('the ESM builds load their parts as modules', async () => {
  const { url, endpoint } = stage.collector;
  const module = (file, options) =>
    `<script type="module">import { init } from '${url}/sdk/${file}'; init({ site: 'test', endpoint: '${endpoint}', ${options} })</script>`;
  const widget = (joinMs) => stage.other.put(`/widget${joinMs}`, module('eyeshot-widget.mjs', `widget: 'w', joinMs: ${joinMs}`) + link('in widget'));
  await stage.open(stage.site.put('/joined', module('eyeshot.mjs', `widgetOrigins: '${stage.other.origin}'`) + `<iframe src="${widget(60_000)}"></iframe>`));
  const joined = await stage.eventsWith('in widget');
  assert.deepEqual(new Set(joined.map(({ so }) => so)), new Set(['widget1']));
  await stage.open(stage.site.put('/alone', `<iframe src="${widget(700)}"></iframe>`));
  await stage.events((all) => all.some(({ so }) => so === 'widget0'), 'events of the lone widget');
  await stage.open(stage.site.put('/fallback', module('eyeshot.mjs', '') + link('measured')), missing);
  await stage.eventsWith('measured');
});

test('the debug overlay outlines what is tracked, with its share and its clock, and goes with Escape', async () => {
  const overlay = `<script src="${stage.collector.url}/sdk/eyeshot-debug.js" defer></script>`;
  const html = stage.sdk('data-consent="required"') + overlay + link('first') + '<a href="/">not tracked</a>';
  const tab = await stage.open(stage.site.put('/', html), (fresh) =>
    fresh.evaluateOnNewDocument(() => {
      const attach = Element.prototype.attachShadow;
      window.shown = [];
      Element.prototype.attachShadow = function (options) {
        window.overlay = attach.call(this, options);
        const note = () => shown.push([...overlay.children].map(({ textContent }) => textContent).join());
        new MutationObserver(note).observe(overlay, { childList: true, subtree: true });
        return overlay;
      };
    }),
  );
  const shown = () => tab.evaluate(() => window.shown);
  await tab.evaluate(() => eyeshot.consent(true));
  await until(async () => (await shown()).at(-1) === '100/50 % counted', 'the count');
  assert.ok((await shown()).some((text) => /^100\/50 % \d+\/1000 ms$/.test(text)), `a running clock in ${await shown()}`);
  assert.deepEqual(labels(await stage.eventsWith('first')), ['first']);
  await tab.keyboard.press('Escape');
  assert.equal(await tab.evaluate(() => window.overlay.host.isConnected), false);
});
