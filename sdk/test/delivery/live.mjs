/** One life of a page: it is read, something goes wrong, it ends; the identities of what it saw out. */
import { link } from '../stage.mjs';

export const FAULTS = ['none', '503', '429', 'slow', 'cut', 'deaf', 'offline', '503 twice', 'deaf twice'];
export const ENDINGS = ['close', 'navigate', 'reload', 'back', 'hide', 'stay', 'crash'];

const PLANS = {
  503: ['503'],
  429: ['429'],
  slow: ['slow'],
  cut: ['cut'],
  deaf: ['deaf'],
  '503 twice': ['503', '503'],
  'deaf twice': ['deaf', 'deaf'],
};
const FIRST = 8;
const MORE = 6;
const DEADLINE_MS = 60_000;

/** The article: links in view, and more of them a scroll further. */
export function article(url, life, attributes = '') {
  const links = (from, count) => Array.from({ length: count }, (_, i) => link(`link ${from + i}`, 'height:20px')).join('');
  return `<script src="${url}/sdk/eyeshot.js" data-site="demo" data-endpoint="${url}/v1/events?life=${life}" data-duration-ms="50" ${attributes}></script>
    <script>window.told = []; eyeshot.on('seen', ({ page_view_id, source, sequence }) => told.push([page_view_id, source, sequence].join(' ')))</script>
    ${links(0, FIRST)}<div style="height:2000px"></div>${links(FIRST, MORE)}`;
}

/** @returns the identities that were seen, as far as the page could still say so. */
export async function live({ context, site, line, life, fault, ending, attributes, told }) {
  if (PLANS[fault]) line.plans.set(String(life), [...PLANS[fault]]);
  const url = site.put(`/article-${life}`, article(line.url, life, attributes));
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  const collect = async (count) => {
    await page.waitForFunction((enough) => window.told?.length >= enough, { polling: 20 }, count);
    for (const id of await page.evaluate(() => told)) told.add(id);
  };
  await page.goto(url);
  await collect(FIRST);
  if (fault === 'offline') await page.setOfflineMode(true);
  await page.evaluate(() => scrollTo(0, 9999));
  await collect(FIRST + MORE);
  await end(page, { context, site, ending, fault, collect });
}

async function end(page, { context, site, ending, fault, collect }) {
  const online = () => fault === 'offline' && page.setOfflineMode(false);
  if (ending === 'close' || ending === 'hide') {
    if (ending === 'hide') await hide(context);
    return page.close({ runBeforeUnload: true });
  }
  if (ending === 'crash') return crash(page);
  await online();
  if (ending === 'navigate') await page.goto(site.put('/next', 'The next page'));
  if (ending === 'reload') {
    // The browser scrolls to where the reader was.
    await page.reload();
    await collect(MORE);
  }
  if (ending === 'back') {
    await page.goto(site.put('/next', 'The next page'));
    await page.goBack();
    await collect(FIRST);
  }
  if (ending === 'stay') await new Promise((done) => setTimeout(done, 2500));
  await page.close({ runBeforeUnload: true });
}

async function hide(context) {
  const other = await context.newPage();
  await other.bringToFront();
  await other.close();
}

/** The page's process is gone at once: nothing of it can run any more. */
export async function crash(page) {
  const session = await page.createCDPSession();
  session.send('Page.crash').catch(() => {});
  await new Promise((done) => page.once('error', done));
  await page.close();
}

/** A last reader, with whom all is well: waits until the browser holds nothing back. */
export async function settle({ context, site, line }) {
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  await page.goto(site.put('/settle', article(line.url, 'settle')));
  await page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('eyeshot:')), {
    polling: 100,
    timeout: 3 * DEADLINE_MS,
  });
  await page.close();
}
