/** What a page makes of a widget's report, by what it knows of the frame when the report arrives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAR, link, look, openStage } from './stage.mjs';

const stage = openStage();
const HEADER = '<div style="position:fixed;top:0;left:0;right:0;height:60px;background:white">A sticky header</div>';

/** The types of what arrives, when a frame reports at once. */
async function typesOf(html, events) {
  const frame = stage.other.put(
    '/stranger',
    `<script>
      const hello = () => parent.postMessage({ eyeshot: 1, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }, '${stage.site.origin}');
      addEventListener('message', ({ data: { view, ask }, ports: [port] }) => {
        if (ask) return hello();
        ${JSON.stringify(events)}.forEach((event, sequence) =>
          port.postMessage({ page_view_id: view.page_view_id, sequence, event: { ts: Date.now(), ...event } }));
      });
      hello();
    </script>`,
  );
  await stage.open(stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + html(frame)));
  const all = await stage.events((seen) => seen.length >= events.length, 'all');
  return all.map(({ et }) => et);
}

test('a frame that is out of view by the time of the report is not said to be hidden', async () => {
  const html = (src) => `${HEADER}${FAR}<iframe src="${src}"></iframe>`;
  assert.deepEqual(await typesOf(html, [{ et: 'link_impression', vd: 1000 }]), ['link_impression']);
  const above = (src) => `${HEADER}<iframe src="${src}" style="position:absolute;top:-150px"></iframe>`;
  assert.deepEqual(await typesOf(above, [{ et: 'link_impression', vd: 1000 }]), ['link_impression']);
});

test('nobody saw an impression in a hidden frame, whether it says its time or not; clicks are taken', async () => {
  const html = (src) => `<iframe src="${src}" style="visibility:hidden"></iframe>`;
  const events = [{ et: 'link_impression', vd: 1000 }, { et: 'widget_impression' }, { et: 'link_click' }];
  assert.deepEqual(await typesOf(html, events), ['frame_hidden', 'frame_hidden', 'link_click']);
});

test('the page tells its viewport: what is taller than that counts when it fills half of it', async () => {
  const html = `<style>body{margin:0}</style>${link('tall', 'height:2000px;width:300px')}`;
  const widget = stage.other.put('/widget', stage.sdk('data-widget="w"', 'eyeshot-widget.js') + html);
  const page = `${stage.sdk(`data-widget-origins="${stage.other.origin}"`)}${FAR}<iframe src="${widget}" style="width:300px;height:2100px;border:0"></iframe>`;
  const tab = await stage.open(stage.site.put('/', page), async (fresh) => {
    await fresh.setViewport({ width: 800, height: 600 });
    // The widget's own guess would be the screen.
    await fresh.evaluateOnNewDocument(() => Object.defineProperty(screen, 'height', { get: () => 5000 }));
  });
  await look(1500);
  await tab.evaluate(() => scrollTo(0, document.querySelector('iframe').offsetTop));
  const events = await stage.eventsWith('tall');
  const { vr } = events.find(({ lb }) => lb === 'tall');
  assert.ok(Math.abs(vr - 0.3) < 0.01, `share ${vr}`);
});
