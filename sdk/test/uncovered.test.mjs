/** What is in view and hidden costs next to nothing, until something happens that may have uncovered it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { link, look, openStage } from './stage.mjs';

const stage = openStage();
const WALL = '<div id="wall" style="position:fixed;inset:0;background:white">We value your privacy</div>';
const LINKS = Array.from({ length: 5 }, (_, i) => link(`under ${i}`)).join('');

/** The waits that timers are set for, ms. */
const watchTimers = (tab) =>
  tab.evaluateOnNewDocument(() => {
    window.waits = [];
    const real = setTimeout;
    window.setTimeout = (run, ms, ...rest) => {
      waits.push(ms);
      return real(run, ms, ...rest);
    };
  });

test('under a wall, looks become rare; a click, a key or an end of scrolling brings one at once', async () => {
  const html = `${LINKS}${WALL}<div style="height:3000px"></div>`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html), watchTimers);
  await tab.waitForFunction(() => waits.at(-1) > 250, { polling: 20 });
  for (const act of [() => tab.mouse.click(300, 300), () => tab.keyboard.press('a'), () => tab.evaluate(() => scrollBy(0, 5))]) {
    await tab.waitForFunction(() => waits.at(-1) > 150, { polling: 20 });
    await tab.evaluate(() => { waits = []; });
    await act();
    await tab.waitForFunction(() => waits.some((ms) => ms <= 101), { polling: 20 });
  }
  assert.deepEqual(stage.collector.requests, []);
});

test('what a click uncovers counts a second later', async () => {
  const script = "<script>document.getElementById('wall').onclick = ({ currentTarget }) => { currentTarget.remove(); window.goneAt = Date.now(); }</script>";
  const tab = await stage.open(stage.site.put('/', stage.sdk() + LINKS + WALL + script));
  await look(6000);
  await tab.mouse.click(300, 300);
  const [event] = await stage.eventsWith('under 0');
  const after = event.ts - (await tab.evaluate(() => goneAt));
  assert.ok(after >= 1000 && after < 1350, `counted ${after} ms after`);
});
