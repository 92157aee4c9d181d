/**
 * Nothing in; what each tracker costs a page with 1,000 links out, from Chrome's own counters: script while indexing, per second of
 * scrolling and per idle second (ms), and what it did while nothing changed. The page without a tracker is subtracted.
 */
import { eyeshot } from '../test/conformance/eyeshot.mjs';
import { buildPeers } from '../test/conformance/peers/build.mjs';
import { peers } from '../test/conformance/peers/index.mjs';
import { startRecorder } from '../test/conformance/record.mjs';
import { launchChromium } from '../test/launchChromium.mjs';
import { startSite } from '../test/servers.mjs';
import { link } from '../test/stage.mjs';

const LINKS = 1000;
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SCROLLED_PX = 6000;
const SCROLL_PX_PER_S = 1500;
const IDLE_MS = 4000;
const SETTLE_MS = 3500;
/** What a page that rests does not do. */
const WORK = ['TimerFire', 'FireAnimationFrame', 'FunctionCall', 'RequestAnimationFrame', 'TimerInstall'];

const nobody = { name: 'none', files: {}, pageHead: () => '', read: () => [] };

export async function measureCost() {
  await buildPeers();
  const browser = await launchChromium({});
  const trackers = [nobody, eyeshot, ...peers()];
  const rounds = Object.fromEntries(trackers.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const tracker of trackers) rounds[tracker.name].push(await measureOnce(browser, tracker));
    }
  } finally {
    await browser.close();
  }
  const median = (name, fact) => middle(rounds[name].map((each) => each[fact]));
  const facts = (name) => ({
    index_ms: over('index_ms', name),
    scripting_ms_per_s_scrolling: over('scroll_ms', name),
    scripting_ms_per_s_idle: over('idle_ms', name),
    idle_work: rounds[name].map(({ idle_work }) => idle_work).sort((a, b) => total(a) - total(b))[ROUNDS >> 1],
    events: median(name, 'events'),
  });
  const over = (fact, name) => Math.max(0, round(median(name, fact) - median('none', fact)));
  return Object.fromEntries(trackers.slice(1).map(({ name }) => [name, facts(name)]));
}

async function measureOnce(browser, tracker) {
  const recorder = await startRecorder(tracker);
  const site = await startSite('127.0.0.1');
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    const session = await page.createCDPSession();
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const links = Array.from({ length: LINKS }, (_, i) =>
      link(`link ${i}`, 'height:16px;margin:4px', `https://example.org/${i}`),
    ).join('');
    const head = tracker.pageHead({ widgetOrigins: '' }, { recorder: recorder.url, site: 'cost' });
    await page.goto(site.put('/', head + links));
    await pause(SETTLE_MS);
    const index_ms = await scripted(session);
    const idle_work = await workOf(page, () => pause(IDLE_MS));
    const rested = await scripted(session);
    const idle_ms = (rested - index_ms) / (IDLE_MS / 1000);
    const startedAt = performance.now();
    await session.send('Input.synthesizeScrollGesture', {
      x: 300,
      y: 300,
      yDistance: -SCROLLED_PX,
      speed: SCROLL_PX_PER_S,
      preventFling: true,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const scroll_ms = ((await scripted(session)) - rested) / seconds;
    await page.close();
    return { index_ms, idle_ms, scroll_ms, idle_work, events: recorder.seen.length };
  } finally {
    await context.close();
    await Promise.all([recorder.close(), site.close()]);
  }
}

/** Milliseconds of script on the page's own thread so far: of processor time, not of the clock. */
async function scripted(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ScriptDuration').value * 1000;
}

async function workOf(page, act) {
  await page.tracing.start({ categories: ['devtools.timeline'] });
  await act();
  const { traceEvents } = JSON.parse(Buffer.from(await page.tracing.stop()).toString());
  const isOurs = ({ name, args }) => WORK.includes(name) && !/^(pptr|debugger|extensions):/.test(args?.data?.url ?? '');
  const counts = {};
  for (const { name } of traceEvents.filter(isOurs)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const total = (counts) => Object.values(counts).reduce((sum, each) => sum + each, 0);
const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const round = (ms) => Math.round(ms * 100) / 100;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
