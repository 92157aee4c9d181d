#!/usr/bin/env node
/**
 * A page's URL in; a real browser reads the page to its end and leaves; what Eyeshot saw out, as one JSON line.
 * Exit status: 0, 1 the page could not be read or nothing was seen, 2 wrong usage, 3 there is no browser.
 */
import { parseArgs } from 'node:util';

const USAGE = 'node demo/read.mjs --page URL [--screenshot FILE.png] [--chromium PATH] [--width PX] [--dark] [--click] [--json]';
const LOOK_MS = 1200;
const SEEN_DEADLINE_MS = 10_000;
const GOODBYE_MS = 500;
const SCROLL_SHARE = 0.6;

class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

function readArguments() {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const options = { page: text, screenshot: text, chromium: text, width: text, dark: flag, click: flag, json: flag };
  try {
    const { values } = parseArgs({ options });
    const width = Number(values.width ?? 1280);
    if (!URL.canParse(values.page ?? '')) throw new Error(`--page is ${values.page ?? 'missing'}, but must be a URL`);
    if (!(width >= 200 && width <= 4000)) throw new Error(`--width is ${values.width}, but must be 200 to 4000`);
    return { ...values, width };
  } catch (error) {
    throw new Failure(`${error.message}\n${USAGE}`, 2);
  }
}

/** A browser, or the reason why there is none. */
async function launch(path) {
  const driver = await import('../sdk/test/launchChromium.mjs').catch((error) => {
    throw new Failure(`the browser's driver is missing (${error.code}): run npm ci in sdk/`, 3);
  });
  return driver.launchChromium({ path }).catch((error) => {
    throw new Failure(error.message.split('\n')[0], error instanceof driver.BrowserMissing ? 3 : 1);
  });
}

/** Tells `heard` of everything that the SDK of the page sees, from its first moment. */
async function listen(tab, heard) {
  await tab.exposeFunction('eyeshotSeen', heard);
  await tab.evaluateOnNewDocument(() => {
    if (window !== top) return;
    let api;
    Object.defineProperty(window, 'eyeshot', {
      configurable: true,
      get: () => api,
      set(value) {
        api = value;
        api.on('seen', (detail) => window.eyeshotSeen(detail));
      },
    });
  });
}

/** The addresses of the tracked links that are wholly in view: of the page, and of its frames, however much of them is. */
async function linksInView(tab) {
  const height = await tab.evaluate(() => innerHeight);
  const links = await linksWithin(tab, 0, height);
  for (const handle of await tab.$$('iframe')) {
    const above = await handle.evaluate((element) => element.getBoundingClientRect().top + element.clientTop);
    const frame = await handle.contentFrame();
    if (frame) links.push(...(await linksWithin(frame, -above, height - above)));
  }
  return links;
}

function linksWithin(document, from, to) {
  const choose = (all, start, end) =>
    all
      .filter((link) => link.getBoundingClientRect().top >= start && link.getBoundingClientRect().bottom <= end)
      .map(({ href }) => href);
  return document.$$eval('[data-eyeshot-link]', choose, from, to);
}

/** Looks at what is in view until all of it was seen; goes on when that takes too long. */
async function look(tab, seen) {
  await pause(LOOK_MS);
  const links = await linksInView(tab);
  const deadline = Date.now() + SEEN_DEADLINE_MS;
  while (Date.now() < deadline && !links.every((link) => seen.some(({ event }) => event.l === link))) await pause(50);
}

async function readToTheEnd(tab, seen) {
  let more = true;
  while (more) {
    await look(tab, seen);
    more = await tab.evaluate((share) => {
      const before = scrollY;
      scrollBy({ top: innerHeight * share, behavior: 'instant' });
      return scrollY > before;
    }, SCROLL_SHARE);
  }
}

async function follow(tab) {
  const link = await tab.waitForSelector('[data-eyeshot-link]');
  await Promise.all([tab.waitForNavigation(), link.click()]);
}

async function read({ page, chromium, screenshot, width, dark, click }) {
  const browser = await launch(chromium);
  const seen = [];
  try {
    const [tab] = await browser.pages();
    await tab.setViewport({ width, height: 800 });
    await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await listen(tab, (detail) => void seen.push(detail));
    const startedAt = Date.now();
    const answer = await tab.goto(page);
    if (!answer?.ok()) throw new Failure(`${page} answers ${answer?.status()}`, 1);
    await readToTheEnd(tab, seen);
    if (screenshot) await tab.screenshot({ path: screenshot, fullPage: true });
    if (click) await follow(tab);
    const leftAt = Date.now();
    // The page sends the rest as it goes; the browser is given the time to hand it over.
    await tab.goto('about:blank');
    await pause(GOODBYE_MS);
    return summary(page, seen, startedAt, leftAt);
  } finally {
    await browser.close();
  }
}

function summary(page, seen, startedAt, leftAt) {
  const [first] = seen;
  if (!first) throw new Failure(`nothing was seen on ${page}: is the SDK on it, and did it start?`, 1);
  return {
    page_view_id: first.page_view_id,
    seen: seen.map(({ event, source, sequence }) => ({
      event_type: event.et,
      link: event.l ?? null,
      label: event.lb ?? null,
      placement: event.pl ?? null,
      widget: event.w ?? null,
      visible_ms: event.vd ?? null,
      source,
      sequence,
    })),
    started_at_ms: startedAt,
    left_at_ms: leftAt,
  };
}

function print({ page_view_id: view, seen }) {
  console.log(`page view ${view}`);
  for (const { event_type: type, placement, label, widget, visible_ms: ms } of seen) {
    console.log(`  ${type.padEnd(18)} ${placement.padEnd(7)} ${label ?? widget}${ms === null ? '' : ` (${ms} ms)`}`);
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

try {
  const values = readArguments();
  const result = await read(values);
  if (values.json) console.log(JSON.stringify(result));
  else print(result);
} catch (error) {
  console.error(`read.mjs: ${error.message}`);
  process.exitCode = error.status ?? 1;
}
