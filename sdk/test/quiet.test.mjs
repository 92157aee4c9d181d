/** What the SDK asks of the browser while it watches: no more than it needs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { link, openStage } from './stage.mjs';

const stage = openStage();

test('attributes are observed on tracked links alone, never of a whole document', async () => {
  const record = (tab) =>
    tab.evaluateOnNewDocument(() => {
      window.observed = [];
      const { observe } = MutationObserver.prototype;
      MutationObserver.prototype.observe = function (target, options) {
        observed.push([target.nodeName, !!options.attributes, !!options.subtree]);
        return observe.call(this, target, options);
      };
    });
  const html = `${link('first')}<div><template shadowrootmode="open">${link('inside')}</template></div>`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + html), record);
  await stage.eventsWith('inside');
  const observed = await tab.evaluate(() => observed);
  const attributes = observed.filter(([, of]) => of);
  assert.ok(attributes.length >= 2);
  assert.ok(attributes.every(([name, , subtree]) => name === 'A' && !subtree), JSON.stringify(attributes));
  assert.deepEqual(observed.filter(([, of]) => !of).map(([name]) => name).sort(), ['#document', '#document-fragment']);
});

test('without an IntersectionObserver, scrolling is measured ten times a second at most', async () => {
  const count = (tab) =>
    tab.evaluateOnNewDocument(() => {
      delete window.IntersectionObserver;
      window.measured = 0;
      const { getBoundingClientRect } = Element.prototype;
      Element.prototype.getBoundingClientRect = function () {
        if (this.localName === 'a') measured++;
        return getBoundingClientRect.call(this);
      };
    });
  // Out of view: what is in view is looked at, too.
  const far = link('far', 'position:absolute;top:5000px;height:40px');
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-duration-ms="60000"') + far), count);
  await tab.waitForFunction(() => measured > 0, { polling: 20 });
  const [times, ms] = await tab.evaluate(async () => {
    const from = performance.now();
    measured = 0;
    while (performance.now() - from < 1500) {
      scrollBy(0, 1);
      dispatchEvent(new Event('scroll'));
      await new Promise((next) => setTimeout(next, 5));
    }
    return [measured, performance.now() - from];
  });
  assert.ok(times >= 2 && times <= 1 + ms / 100, `${times} times in ${ms} ms`);
});
