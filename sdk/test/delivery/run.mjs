/** `node run.mjs`: LIVES page lives against a real collector and Kafka, then loss that is injected, then ten tabs that crash. */
import { createHash } from 'node:crypto';
import { writeResult } from '../../bench/results.mjs';
import { launchChromium } from '../launchChromium.mjs';
import { startSite } from '../servers.mjs';
import { account } from './account.mjs';
import { startBackend } from './backend.mjs';
import { interfere } from './interfere.mjs';
import { ENDINGS, FAULTS, article, crash, live, settle } from './live.mjs';

const LIVES = Number(process.env.LIVES ?? 1000);
const READERS = Number(process.env.READERS ?? 4);
const TABS = 10;
/** Of the batches in the second part, one in so many is swallowed. */
const SWALLOWED = 12;
const LOSS_LIVES = Math.max(12, LIVES >> 2);

const backend = await startBackend();
const browser = await launchChromium({ without: ['--disable-back-forward-cache'] });
try {
  const delivery = { ...(await liveAll()), ...(await measureLoss()), ...(await crashTabs()) };
  console.log(
    Object.entries(delivery)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  );
  if (LIVES >= 100) await writeResult('delivery', delivery);
  const wrong = ['failed', 'missing', 'unknown', 'conflicts', 'tabs_missing', 'tabs_conflicts'].filter((name) => delivery[name]);
  if (wrong.length || delivery.loss_error_points > (LOSS_LIVES < 100 ? 5 : 0.5)) process.exitCode = 1;
} finally {
  await browser.close();
  await backend.stop();
}

/** The same faults and endings in every run, each with each. */
async function liveAll() {
  const { told, failed, books } = await read(LIVES, (life) => ({
    fault: FAULTS[life % FAULTS.length],
    ending: ENDINGS[Math.floor(life / FAULTS.length) % ENDINGS.length],
  }));
  for (const kind of ['missing', 'unknown', 'conflicts'])
    if (books[kind].length) console.log(`${kind}: ${books[kind].slice(0, 10).join(', ')}`);
  return {
    lives: LIVES,
    failed,
    seen: told.size,
    in_topic: books.in_topic,
    copies: books.copies,
    missing: books.missing.length,
    unknown: books.unknown.length,
    conflicts: books.conflicts.length,
  };
}

async function measureLoss() {
  const { books } = await read(
    LOSS_LIVES,
    () => ({ fault: 'none', ending: 'close', attributes: 'data-batch-events="3"' }),
    (line) => {
      const tries = new Map();
      line.swallow(({ pv, n }, life) => {
        if (life === 'settle') return false;
        const batch = `${pv} ${n}`;
        tries.set(batch, (tries.get(batch) ?? 0) + 1);
        return hash(`${batch} ${tries.get(batch)}`) % SWALLOWED === 0;
      });
    },
  );
  const points = (share) => Math.round(share * 10_000) / 100;
  return {
    loss_lives: LOSS_LIVES,
    loss_injected_percent: points(books.loss_injected),
    loss_measured_percent: points(books.loss_measured),
    loss_error_points: points(Math.abs(books.loss_injected - books.loss_measured)),
  };
}

/** So many lives, shared by some readers, each with a browser profile of its own. */
async function read(lives, plan, prepare = () => {}) {
  const line = await interfere(backend.url);
  const site = await startSite('127.0.0.1');
  const told = new Set();
  let next = 0;
  let failed = 0;
  prepare(line);
  const reader = async () => {
    const context = await browser.createBrowserContext();
    for (let life = next++; life < lives; life = next++) {
      const wanted = plan(life);
      try {
        await live({ context, site, line, life, told, ...wanted });
      } catch (error) {
        failed++;
        console.log(`life ${life} (${Object.values(wanted)}) could not be lived: ${error.message}`);
        await closeAll(context);
      }
    }
    await settle({ context, site, line });
    await context.close();
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  const books = account(told, line.passed, await mine(line));
  await Promise.all([line.close(), site.close()]);
  return { told, failed, books };
}

async function crashTabs() {
  const line = await interfere(backend.url);
  const site = await startSite('127.0.0.1');
  const context = await browser.createBrowserContext();
  const told = new Set();
  const pages = [];
  for (let tab = 0; tab < TABS; tab++) {
    line.plans.set(`tab${tab}`, ['503', '503', 'deaf']);
    const page = await context.newPage();
    await page.goto(site.put(`/tab-${tab}`, article(line.url, `tab${tab}`)));
    await page.waitForFunction(() => told.length >= 8, { polling: 20, timeout: 60_000 });
    for (const id of await page.evaluate(() => window.told)) told.add(id);
    pages.push(page);
  }
  let crashed = 0;
  for (const [tab, page] of pages.entries()) {
    if (tab % 2) await page.close({ runBeforeUnload: true });
    else if (!page.isClosed()) {
      await crash(page).catch(() => {});
      crashed++;
    }
  }
  await settle({ context, site, line });
  const books = account(told, line.passed, await mine(line));
  await context.close();
  await Promise.all([line.close(), site.close()]);
  return {
    tabs: TABS,
    tabs_crashed: crashed,
    tabs_seen: told.size,
    tabs_missing: books.missing.length,
    tabs_conflicts: books.conflicts.length,
  };
}

/** The topic's records of this line's page views. */
async function mine({ passed }) {
  const views = new Set([...passed.keys()].map((id) => id.split(' ')[0]));
  return (await backend.read()).filter(({ batch }) => views.has(batch.pv));
}

async function closeAll(context) {
  for (const page of await context.pages()) await page.close().catch(() => {});
}

/** The same in every run, and another one for each try. */
function hash(text) {
  return createHash('sha256').update(text).digest().readUInt32LE();
}
