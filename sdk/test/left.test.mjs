/** What is scrolled away when its time was just up, and its timer had not come yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels, link, look, openStage } from './stage.mjs';

const stage = openStage();
const TIME = 'data-duration-ms="300"';

/** Each timer comes 150 ms late: too little to doubt that the page was alive. */
const delay = (tab) =>
  tab.evaluateOnNewDocument(() => {
    const real = setTimeout;
    window.setTimeout = (run, ms, ...rest) => real(run, ms + 150, ...rest);
  });

/** Runs the acts, as text, at their times in ms after the link was in view, by the page's own clock. */
const play = (acts) => `<script>
  new IntersectionObserver((entries, observer) => {
    observer.disconnect();
    const from = performance.now();
    const acts = [${acts.map(([at, act]) => `[${at}, () => { ${act} }]`)}];
    const next = () => {
      while (acts.length && performance.now() - from >= acts[0][0]) acts.shift()[1]();
      if (acts.length) requestAnimationFrame(next);
    };
    next();
  }).observe(document.querySelector('a'));
</script>`;

const BOX = 'position:fixed;left:0;top:0;width:200px;height:100px';
const a = "document.querySelector('a')";
const sentinel = link('sentinel', 'position:fixed;right:0;bottom:0;height:40px;z-index:9').replace('<a ', '<a data-eyeshot-duration-ms="1200" ');

test('it counts, with the share that it had', async () => {
  const acts = [[370, `${a}.style.top = '-1000px'`]];
  await stage.open(stage.site.put('/', stage.sdk(TIME) + link('left', BOX.replace('top:0', 'top:-20px')) + play(acts)), delay);
  const [event] = await stage.eventsWith('left');
  assert.ok(event.vd >= 300 && event.vd < 450, `${event.vd} ms`);
  assert.ok(Math.abs(event.vr - 0.8) < 0.01, `share ${event.vr}`);
});

for (const [what, act] of Object.entries({
  covered: "document.body.insertAdjacentHTML('beforeend', '<div style=\"position:fixed;inset:0;background:white\"></div>')",
  transparent: `${a}.style.opacity = 0`,
})) {
  test(`it does not count when it was ${what} meanwhile`, async () => {
    const acts = [[290, act], [370, `${a}.style.top = '-70px'`]];
    await stage.open(stage.site.put('/', stage.sdk(TIME) + link('left', BOX) + play(acts) + sentinel), delay);
    assert.deepEqual(labels(await stage.eventsWith('sentinel')), ['sentinel']);
    await look(300);
    assert.deepEqual(labels(stage.collector.events()), ['sentinel']);
  });
}
