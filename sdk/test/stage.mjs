/** What every test stands on: one browser, two origins and a collector; fresh records for each test. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { launchChromium } from './launchChromium.mjs';
import { startCollector, startSite } from './servers.mjs';

/** Only for giving up: a machine may be slow. */
const DEADLINE_MS = 120_000;

/** Attributes with which a batch leaves with its page, or when it is full, and not because of a timer. */
export const HOLD = 'data-after-last-ms="60000" data-after-first-ms="60000"';

/** Opens the stage for the tests of a file; its fields are filled before each test. */
export function openStage(launchOptions) {
  const stage = {};
  before(async () => {
    stage.browser = await launchChromium(launchOptions);
  });
  beforeEach(async () => {
    stage.site = await startSite('127.0.0.1');
    stage.other = await startSite('localhost');
    stage.collector = await startCollector();
    stage.context = await stage.browser.createBrowserContext();
    stage.errors = [];
    stage.warnings = [];
  });
  afterEach(async () => {
    await stage.context.close();
    await Promise.all([stage.site.close(), stage.other.close(), stage.collector.close()]);
    assert.deepEqual(stage.errors, [], 'the SDK threw into the page');
  });
  after(() => stage.browser.close());
  return Object.assign(stage, actions(stage));
}

function actions(stage) {
  return {
    /** The SDK's script tag, with attributes beside the usual ones. */
    sdk(attributes = '', file = 'eyeshot.js') {
      const { url, endpoint } = stage.collector;
      return `<script src="${url}/sdk/${file}" data-site="test" data-endpoint="${endpoint}" ${attributes}></script>`;
    },
    async newTab() {
      const tab = await stage.context.newPage();
      tab.setDefaultTimeout(DEADLINE_MS);
      return tab;
    },
    /** A tab, in front, on the page. */
    async open(url, prepare) {
      const tab = await stage.newTab();
      tab.on('pageerror', (error) => stage.errors.push(String(error)));
      tab.on('console', (message) => message.type() === 'warn' && stage.warnings.push(message.text()));
      await prepare?.(tab);
      await tab.bringToFront();
      await tab.goto(url);
      return tab;
    },
    /** The accepted events, as soon as `enough` of them are there. */
    async events(enough, what) {
      await until(() => enough(stage.collector.events()), what, stage.collector.requests);
      return stage.collector.events();
    },
    /** The accepted events, as soon as one of them has this label. */
    eventsWith(label) {
      return stage.events((events) => events.some(({ lb }) => lb === label), `an event of "${label}"`);
    },
  };
}

/** Polls until it holds; fails, with what there was instead, at the deadline. */
export async function until(holds, what, seen) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) assert.fail(`no ${what} within ${DEADLINE_MS} ms; there was ${JSON.stringify(seen)}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** Brings the other tab to the front, and waits until this one knows that nobody sees it. */
export async function hide(tab, elsewhere) {
  await elsewhere.bringToFront();
  await until(() => tab.evaluate(() => document.hidden), 'hidden tab');
}

/** How long a person looks: a stimulus, never a wait for something to happen. */
export function look(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** A tracked link as a block of a given size. */
export function link(label, style = 'height:40px', href = `https://example.org/${label}`) {
  return `<a href="${href}" data-eyeshot-link="${label}" style="display:block;${style}">${label}</a>`;
}

/** So much empty page that what follows is out of view. */
export const FAR = '<div style="height:3000px"></div>';

/** The labels, in order. */
export function labels(events) {
  return events.map(({ lb }) => lb);
}
