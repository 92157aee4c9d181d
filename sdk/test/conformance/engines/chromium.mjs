/** Chromium, with what only its protocol can do: pinch zoom, freezing, prerendering. */
import { launchChromium } from '../../launchChromium.mjs';
import { openWithPuppeteer } from './openWithPuppeteer.mjs';

const KEPT = ['--disable-back-forward-cache'];

export async function openChromium() {
  const browser = await launchChromium({ without: KEPT });
  return openWithPuppeteer('chromium', browser, {
    async pinch(page, scale) {
      const session = await page.createCDPSession();
      await session.send('Emulation.setPageScaleFactor', { pageScaleFactor: scale });
    },
    async freeze(page, ms) {
      const session = await page.createCDPSession();
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      await new Promise((done) => setTimeout(done, ms));
      await session.send('Page.setWebLifecycleState', { state: 'active' });
    },
    /** Speculation rules in the page do it: here it is only said that they work. */
    prerender() {},
  });
}
