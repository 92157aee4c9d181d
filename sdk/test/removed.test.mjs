/** Links that were taken out of the document: they must cost the others nothing. */
import { test } from 'node:test';
import { FAR, link, openStage } from './stage.mjs';

const stage = openStage();
const missing = (tab) => tab.evaluateOnNewDocument(() => { delete window.IntersectionObserver; });

test('where elements are measured on scroll, a link that was removed does not stop it', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first') + FAR + link('removed') + link('below')), missing);
  await stage.eventsWith('first');
  await tab.evaluate(() => document.querySelectorAll('a')[1].remove());
  await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await stage.eventsWith('below');
});
