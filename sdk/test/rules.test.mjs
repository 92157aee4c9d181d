/** Which rules hold for an element, how often it counts, and what a link is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IN_PAGE } from './inPage.mjs';
import { FAR, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage();
const LATE_TIMER = 8;

const own = (label, attributes, style = 'height:40px') => link(label, style).replace('<a ', `<a ${attributes} `);
const scroll = (tab, y) => tab.evaluate((to) => scrollTo(0, to), y);

test('an element has its own share and time', async () => {
  const html = [
    own('slow', 'data-eyeshot-duration-ms="1800"'),
    own('partly', 'data-eyeshot-threshold="0.2"', 'position:fixed;bottom:-60px;height:80px;width:80px'),
    own('whole', 'data-eyeshot-threshold="1"', 'position:fixed;bottom:-10px;left:200px;height:80px;width:80px'),
    link('usual'),
  ];
  await stage.open(stage.site.put('/', stage.sdk() + html.join('')));
  const events = await stage.eventsWith('slow');
  assert.deepEqual(labels(events).sort(), ['partly', 'slow', 'usual']);
  assert.ok(events.find(({ lb }) => lb === 'slow').vd >= 1800);
  assert.ok(events.find(({ lb }) => lb === 'usual').vd < 1700);
});

test('several rules on one element are several events', async () => {
  const html = own('read', 'data-eyeshot-rules="0.5 500, 1 1500 link_read, 1 60000 link_learnt"');
  await stage.open(stage.site.put('/', stage.sdk() + html));
  const events = await stage.events((all) => all.length >= 2, 'two events');
  assert.deepEqual(events.map(({ et, lb }) => [et, lb]), [['link_impression', 'read'], ['link_read', 'read']]);
  assert.ok(events[0].vd >= 500 && events[1].vd >= 1500);
});

test('rules can be those of the site, and an element changes the first one', async () => {
  const html = link('usual') + own('quick', 'data-eyeshot-duration-ms="300"');
  await stage.open(stage.site.put('/', html + stage.sdk('data-rules="0.5 900, 0.5 1300 link_read"')));
  const events = await stage.events((all) => all.length >= 4, 'four events');
  const facts = events.map(({ et, lb }) => `${lb} ${et}`);
  assert.equal(facts[0], 'quick link_impression');
  assert.deepEqual(facts.sort(), ['quick link_impression', 'quick link_read', 'usual link_impression', 'usual link_read']);
});

for (const wrong of ['0.5', '2 1000', '0.5 1000 Read', '0.5 1000, 1 2000']) {
  test(`a wrong rule of an element (${wrong}) is told, and the site's rule holds`, async () => {
    await stage.open(stage.site.put('/', stage.sdk() + own('first', `data-eyeshot-rules="${wrong}"`)));
    const events = await stage.eventsWith('first');
    assert.deepEqual(events.map(({ et }) => et), ['link_impression']);
    await until(() => stage.warnings.some((warning) => /must be/.test(warning)), 'warning', stage.warnings);
  });
}

test('by choice an element counts again each time it comes back, and its time adds up', async () => {
  const html = own('again', 'data-eyeshot-repeat') + link('once') + FAR + link('end');
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html));
  await stage.eventsWith('again');
  await scroll(tab, 9999);
  await stage.eventsWith('end');
  await scroll(tab, 0);
  const again = (events) => events.filter(({ lb }) => lb === 'again');
  const events = await stage.events((all) => again(all).length >= 2, 'a second impression');
  assert.equal(events.filter(({ lb }) => lb === 'once').length, 1);
  assert.ok(again(events)[1].vd >= 2000, `${again(events)[1].vd} ms in all`);
});

test('visible_ms is all the time of the page view, and the rule still needs its time without a break', async () => {
  const lookTwice = async () => {
    await when(() => stateOf('glimpsed') === 'running');
    const from = performance.now() - eyeshot.inspect(document.querySelector('a')).rules[0].ms;
    await glimpse('glimpsed', 500, 2000);
    window.firstMs = performance.now() - from;
    await pause(300);
    window.backAt = Date.now();
    scrollTo(0, 0);
  };
  const html = `${stage.sdk('data-duration-ms="2000"')}${IN_PAGE}${link('glimpsed')}${FAR}<script>(${lookTwice})()</script>`;
  const tab = await stage.open(stage.site.put('/', html));
  const [event] = await stage.eventsWith('glimpsed');
  const [firstMs, backAt] = await tab.evaluate(() => [window.firstMs, window.backAt]);
  assert.ok(event.ts >= backAt + 1990, 'the second was not shortened');
  assert.ok(event.q & LATE_TIMER || event.vd >= 2400, `${event.vd} ms, and no timer was late, whose time would not be credited`);
  assert.ok(event.vd <= event.ts - backAt + firstMs + 20, `${event.vd} ms`);
});

test('a node that is given another link is another link, and the first one does not count twice', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('recycled')));
  const lead = (to) => tab.evaluate((href) => { document.querySelector('a').href = href; return Date.now(); }, to);
  await stage.eventsWith('recycled');
  const changedAt = await lead('https://example.org/other');
  const events = await stage.events((all) => all.length >= 2, 'the other link');
  assert.ok(events[1].ts >= changedAt + 1000, 'its second began with the change');
  assert.ok(events[1].vd < 1900, 'time of the link before is not its own');
  await lead('https://example.org/recycled');
  await look(1500);
  await lead('https://example.org/third');
  const all = await stage.events((each) => each.length >= 3, 'the third link');
  assert.deepEqual(all.map(({ l }) => l.split('/').pop()), ['recycled', 'other', 'third']);
});

test('a node whose link changes before its time is up starts anew', async () => {
  const recycle = async () => {
    await when(() => stateOf('recycled') === 'running');
    await pause(600);
    document.querySelector('a').href = 'https://example.org/other';
    window.changedAt = Date.now();
  };
  const html = `${stage.sdk('data-duration-ms="2000"')}${IN_PAGE}${link('recycled')}<script>(${recycle})()</script>`;
  const tab = await stage.open(stage.site.put('/', html));
  const [event] = await stage.events((all) => all.length, 'an event');
  assert.equal(event.l, 'https://example.org/other');
  assert.ok(event.ts >= (await tab.evaluate(() => changedAt)) + 2000);
});

test('links in open shadow trees count, with their clicks and the widget around their host; so do links in SVG', async () => {
  const inner = link('in shadow', 'height:40px', '#here');
  const html = `<div data-eyeshot-widget="cards"><x-card></x-card></div>
    <div id="plain"></div>
    <svg width="100" height="40"><a href="/svg" data-eyeshot-link="in svg"><rect width="100" height="40"/></a></svg>
    <script>
      plain.attachShadow({ mode: 'open' }).innerHTML = '<p></p>';
      setTimeout(() => customElements.define('x-card', class extends HTMLElement {
        connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(inner)}; }
      }), 400);
      setTimeout(() => { plain.shadowRoot.querySelector('p').innerHTML = ${JSON.stringify(link('later'))}; }, 700);
    </script>`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html));
  const wanted = ['in shadow', 'in svg', 'later'];
  const events = await stage.events((all) => wanted.every((label) => labels(all).includes(label)), 'all three');
  const find = (label) => events.find(({ lb }) => lb === label);
  assert.deepEqual([find('in shadow').w, find('in shadow').pl], ['cards', 'widget']);
  assert.equal(find('in svg').l, `${stage.site.origin}/svg`);
  await tab.evaluate(() => { document.querySelector('x-card').shadowRoot.querySelector('a').focus(); });
  await tab.keyboard.press('Enter');
  await until(() => stage.collector.events().some(({ et, lb }) => et === 'link_click' && lb === 'in shadow'), 'the click by keyboard');
});

test('a label that is cut in the middle of a character is still text', async () => {
  const label = `${'x'.repeat(255)}😀`;
  await stage.open(stage.site.put('/', stage.sdk() + link(label).replace('https://example.org/', 'https://example.org/?')));
  const [event] = await stage.events((all) => all.length, 'an event');
  assert.equal(event.lb, 'x'.repeat(255));
});
