/** What the SDK does not do to the page and to its reader. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { kept } from './lives.mjs';
import { link, look, openStage, until } from './stage.mjs';

const stage = openStage();

test('a reader who sends Global Privacy Control is not recorded', async () => {
  const refuse = (tab) =>
    tab.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  const widget = stage.other.put('/widget', stage.sdk('data-widget="w" data-join-ms="0"', 'eyeshot-widget.js') + link('in widget'));
  const html = `${link('first', 'height:40px', '#here')}<iframe src="${widget}"></iframe>`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html), refuse);
  await tab.click('a');
  await look(1500);
  await tab.goto(stage.site.put('/with', stage.sdk() + link('sentinel')));
  await look(1500);
  await tab.close();
  await stage.open(stage.site.put('/without', stage.sdk() + link('recorded')));
  const events = await stage.eventsWith('recorded');
  assert.equal(events.length, 1);
});

const MISTAKES = {
  'data-threshold="150"': /threshold is "150", but must be 0.01 to 1/,
  'data-duration-ms="soon"': /durationMs is "soon", but must be 0 to 60000/,
  'data-widget-origins="*"': /origin is "\*", but must be like https/,
  'data-widget-origins="https://a.example/path"': /origin is "https:\/\/a.example\/path"/,
  'data-selector="a["': /a\[/,
};

for (const [attribute, message] of Object.entries(MISTAKES)) {
  test(`${attribute} is refused in the console, and the page goes on`, async () => {
    const tab = await stage.open(stage.site.put('/', `${stage.sdk(attribute)}${link('first')}<script>window.went = 'on'</script>`));
    await until(() => stage.warnings.some((warning) => message.test(warning)), 'warning', stage.warnings);
    assert.equal(await tab.evaluate(() => window.went), 'on');
    await look(1500);
    await tab.close();
    assert.deepEqual(stage.collector.requests, []);
  });
}

test('a script that is loaded twice counts once', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + stage.sdk() + link('first')));
  await stage.eventsWith('first');
  await tab.goto('about:blank');
  assert.equal(stage.collector.events().length, 1);
});

test('init does what the attributes do', async () => {
  const { url, endpoint } = stage.collector;
  const start = `<script>eyeshot.init({ site: 'other', endpoint: '${endpoint}', durationMs: 1200 })</script>`;
  await stage.open(stage.site.put('/', `<script src="${url}/sdk/eyeshot.js"></script>${start}${link('first')}`));
  const [event] = await stage.eventsWith('first');
  assert.equal(event.s, 'other');
  assert.ok(event.vd >= 1200);
});

test('the ESM build does the same', async () => {
  const { url, endpoint } = stage.collector;
  const start = `<script type="module">import { init } from '${url}/sdk/eyeshot.mjs'; init({ site: 'module', endpoint: '${endpoint}' })</script>`;
  await stage.open(stage.site.put('/', start + link('first')));
  const [event] = await stage.eventsWith('first');
  assert.equal(event.s, 'module');
});

test('the SDK adds one global and leaves no trace in storage', async () => {
  const bare = await stage.open(stage.site.put('/bare', link('first')));
  const before = new Set(await bare.evaluate(() => Object.getOwnPropertyNames(window)));
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')));
  await stage.eventsWith('first');
  await until(async () => !(await kept(tab)).length, 'empty storage');
  const added = await tab.evaluate(() => Object.getOwnPropertyNames(window));
  assert.deepEqual(added.filter((name) => !before.has(name)), ['eyeshot']);
  const traces = await tab.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(traces, ['', 0, 0]);
});

test('a page with a strict content security policy is tracked', async () => {
  const { url } = stage.collector;
  const policy = `default-src 'none'; script-src ${url}; connect-src ${url}; require-trusted-types-for 'script'`;
  await stage.open(stage.site.put('/', `<meta http-equiv="Content-Security-Policy" content="${policy}">${stage.sdk()}${link('first')}`));
  const [event] = await stage.eventsWith('first');
  assert.equal(event.lb, 'first');
});

test('a page that broke the browser underneath is not broken further', async () => {
  const sabotage = (tab) =>
    tab.evaluateOnNewDocument(() => {
      const broken = () => { throw new Error('sabotage'); };
      window.fetch = broken;
      navigator.sendBeacon = broken;
      Element.prototype.closest = broken;
    });
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first', 'height:40px', '#here')), sabotage);
  await tab.click('a');
  await until(() => stage.warnings.some((warning) => /sabotage/.test(warning)), 'warning', stage.warnings);
  await tab.goto('about:blank');
});

test('nothing happens while nothing changes: no timer, no frame, no observer call', async () => {
  const count = (tab) =>
    tab.evaluateOnNewDocument(() => {
      window.calls = [];
      for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback']) {
        const real = window[name].bind(window);
        window[name] = (fn, ...rest) => { calls.push(name); return real(fn, ...rest); };
      }
    });
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first')), count);
  await stage.eventsWith('first');
  const before = await tab.evaluate(() => calls.length);
  await look(2500);
  assert.deepEqual(await tab.evaluate((from) => calls.slice(from), before), []);
});

test('no bundle ever speaks to every origin', async () => {
  const dist = new URL('../dist/', import.meta.url);
  for (const file of (await readdir(dist)).filter((name) => /\.m?js$/.test(name))) {
    const code = await readFile(new URL(file, dist), 'utf8');
    assert.doesNotMatch(code.replaceAll(/querySelectorAll\(["'`]\*["'`]\)/g, ''), /["'`]\*["'`]/, file);
  }
});
