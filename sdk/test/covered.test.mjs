/** What is in view and cannot be seen all the same: covered, hidden by CSS, zoomed away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IN_PAGE } from './inPage.mjs';
import { FAR, labels, link, look, openStage } from './stage.mjs';

const stage = openStage();
const QUALITY = { occlusion_unknown: 1, pinch_zoomed: 2, late_timer: 8 };

const BOX = 'position:fixed;left:100px;top:100px;width:200px;height:100px';
const cover = (style, tag = 'div') => `<${tag} id="cover" style="position:fixed;left:90px;width:220px;${style}"></${tag}>`;
const SENTINEL = link('sentinel', 'position:fixed;left:100px;top:300px;height:40px');

/** A page with a link of 200 × 100 px and something on top of it: of both before anything is looked at, however slowly it is parsed. */
const putUnder = (on, more = '') => stage.site.put('/', link('under', BOX) + on + more + stage.sdk() + IN_PAGE);

/** The labels that were counted with the sentinel, once the expected ones are there. */
async function countedUnder(on, expected) {
  await stage.open(putUnder(on, SENTINEL));
  await stage.events((all) => ['sentinel', ...expected].every((label) => labels(all).includes(label)), `events of ${expected}`);
  await look(300);
  return labels(stage.collector.events()).filter((label) => label !== 'sentinel');
}

for (const [what, style, counts] of [
  ['whole', 'top:90px;height:120px;background:white', []],
  ['two thirds', 'top:90px;height:77px;background:white', []],
  ['a third', 'top:90px;height:43px;background:white', ['under']],
  ['whole, but nothing is painted', 'top:90px;height:120px', ['under']],
  ['whole, but with opacity 0', 'top:90px;height:120px;background:white;opacity:0', ['under']],
  ['whole, by an image', 'top:90px;height:120px;background:url(data:,)', []],
]) {
  test(`covered ${what}: ${counts.length ? 'counts' : 'does not count'}`, async () => {
    assert.deepEqual(await countedUnder(cover(style), counts), counts);
  });
}

test('what was covered counts a second after the cover is gone', async () => {
  const tab = await stage.open(putUnder(cover('top:90px;height:120px;background:white')));
  const goneAt = await tab.evaluate(async () => {
    await when(() => stateOf('under') === 'hidden');
    const from = performance.now();
    await pause(1700);
    document.getElementById('cover').style.display = 'none';
    // It is looked at again after an eighth of the time that it was hidden: before this timer comes, however late both of them are.
    setTimeout(() => { window.stateSoon = stateOf('under'); }, Math.max(400, (performance.now() - from) / 8 + 100));
    return Date.now();
  });
  const [event] = await stage.eventsWith('under');
  assert.ok(event.ts - goneAt >= 1000, `counted ${event.ts - goneAt} ms after`);
  assert.equal(await tab.evaluate(() => stateSoon), 'running', 'it was noticed within 400 ms');
  assert.ok(event.vd < 1600, `counted after ${event.vd} ms`);
  assert.equal((event.q ?? 0) & ~QUALITY.late_timer, 0, 'no doubt, but that the machine may be busy');
});

test('what is covered from the start does not count on the time under the cover', async () => {
  const tab = await stage.open(putUnder(cover('top:90px;height:120px;background:white')));
  await look(600);
  const goneAt = await tab.evaluate(() => {
    document.getElementById('cover').remove();
    return Date.now();
  });
  const [event] = await stage.eventsWith('under');
  assert.ok(event.ts - goneAt >= 1000, `counted ${event.ts - goneAt} ms after`);
});

test('behind a modal dialog is covered, beside it is not', async () => {
  const html = `<dialog style="width:300px;height:300px;margin:0;left:50px;top:50px;position:fixed">Hello</dialog>
    ${link('beside', 'position:fixed;left:500px;top:300px;width:200px;height:40px')}${link('behind', BOX)}
    <script>document.querySelector('dialog').showModal()</script>`;
  await stage.open(stage.site.put('/', html + stage.sdk()));
  const events = await stage.eventsWith('beside');
  assert.deepEqual(labels(events), ['beside']);
});

test('what the pointer does not find says that nobody knows', async () => {
  await stage.open(stage.site.put('/', stage.sdk() + link('untouchable', `${BOX};pointer-events:none`)));
  const [event] = await stage.eventsWith('untouchable');
  assert.ok(event.q & QUALITY.occlusion_unknown);
});

test('content-visibility:hidden and a transparent ancestor hide; content-visibility:auto in view does not', async () => {
  const html = `<div style="content-visibility:hidden;height:50px">${link('skipped')}</div>
    <div style="opacity:0"><div>${link('transparent')}</div></div>
    <div style="content-visibility:auto">${link('auto')}</div>`;
  await stage.open(stage.site.put('/', stage.sdk() + html));
  assert.deepEqual(labels(await stage.eventsWith('auto')), ['auto']);
});

test('only what a nested scroller shows counts', async () => {
  const inner = `${link('shown', 'height:60px')}${link('clipped', 'height:60px')}`;
  const html = `<div id="box" style="height:80px;overflow:auto;width:300px"><div style="overflow:hidden">${inner}</div></div>${link('sentinel')}`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html));
  assert.deepEqual(labels(await stage.eventsWith('sentinel')).sort(), ['sentinel', 'shown']);
  await tab.evaluate(() => document.getElementById('box').scrollTo(0, 60));
  await stage.eventsWith('clipped');
});

test('pinched away is out of view, and pinch zoom is said', async () => {
  const html = `${link('kept', 'position:fixed;left:0;top:0;width:100px;height:40px')}${link('away', 'position:fixed;right:0;bottom:0;width:100px;height:40px')}${FAR}`;
  const consenting = stage.sdk('data-consent="required"');
  const tab = await stage.open(stage.site.put('/', consenting + html), async (fresh) => {
    const session = await fresh.createCDPSession();
    await fresh.setViewport({ width: 800, height: 600, isMobile: true, hasTouch: true });
    fresh.once('domcontentloaded', () => void session.send('Emulation.setPageScaleFactor', { pageScaleFactor: 3 }));
  });
  await tab.waitForFunction(() => visualViewport.scale > 2.9, { polling: 20 });
  await tab.evaluate(() => eyeshot.consent(true));
  const events = await stage.eventsWith('kept');
  await look(1500);
  assert.deepEqual(labels(stage.collector.events()), ['kept']);
  assert.ok(events[0].q & QUALITY.pinch_zoomed);
});
