/** A browser and an address in; what happened on that page, as plain facts, out. It reads the page as a person would, for some seconds. */
const READ_MS = 4000;
const LOAD_MS = 30_000;
const STEPS = 4;
/** What the SDK has begun may take longer on a slow machine. */
const SETTLE_MS = 20_000;

export async function visit(browser, url, { readMs = READ_MS, prepare } = {}) {
  const page = await browser.newPage();
  const facts = { url, requests: [], messages: [], errors: [] };
  try {
    listen(page, facts);
    await prepare?.(page);
    await page.bringToFront();
    try {
      facts.status = (await page.goto(url, { waitUntil: 'load', timeout: LOAD_MS }))?.status();
    } catch (error) {
      facts.unreachable = error.message;
      return facts;
    }
    await read(page, readMs);
    await settled(page, facts);
    facts.page = await page.evaluate(look);
    facts.page.hasSdk = facts.page.inline.some(hasSdk);
    facts.page.endpoint ??= facts.requests.find(isBatch)?.url;
    facts.frames = await Promise.all(
      page
        .frames()
        .filter((frame) => frame !== page.mainFrame())
        .map(describeFrame),
    );
    // What waits is sent when the page is left.
    await page.goto('about:blank');
    await pause(500);
    return facts;
  } finally {
    await page.close();
  }
}

function listen(page, facts) {
  const entries = new Map();
  page.on('request', (request) => {
    const entry = {
      url: request.url(),
      method: request.method(),
      type: request.resourceType(),
      from: frameUrl(request),
      body: request.postData(),
    };
    entries.set(request, entry);
    facts.requests.push(entry);
  });
  page.on('requestfailed', (request) => {
    entries.get(request).failure = request.failure()?.errorText;
  });
  page.on('response', async (response) => {
    const entry = entries.get(response.request());
    if (!entry) return;
    Object.assign(entry, { status: response.status(), date: response.headers().date, at: Date.now() });
    if (entry.method === 'POST') entry.answer = await response.text().catch(() => undefined);
    if (entry.type === 'script') entry.hasSdk = hasSdk(await response.text().catch(() => ''));
  });
  page.on('console', (message) => facts.messages.push({ type: message.type(), text: message.text() }));
  page.on('pageerror', (error) => facts.errors.push(String(error)));
}

/** Texts that no bundler changes. */
function hasSdk(code) {
  return code.includes('[data-eyeshot-link]') && code.includes('page_end');
}

function isBatch({ method, body }) {
  try {
    const { pv, so, e } = method === 'POST' ? JSON.parse(body) : {};
    return Boolean(pv && so && e);
  } catch {
    return false;
  }
}

function frameUrl(request) {
  try {
    return request.frame()?.url();
  } catch {
    return undefined;
  }
}

/** Stays long enough for a second of looking at each of some places. */
async function read(page, readMs) {
  for (let step = 0; step < STEPS; step++) {
    await pause(readMs / STEPS);
    if (step) await page.evaluate(() => scrollBy(0, innerHeight / 2)).catch(() => {});
  }
}

/** Waits until the collector answered, or the SDK has nothing under way that it could answer to. */
async function settled(page, { requests }) {
  const deadline = Date.now() + SETTLE_MS;
  const answered = () => requests.some((entry) => entry.method === 'POST' && (entry.failure || 'answer' in entry));
  while (!answered() && Date.now() < deadline && (await page.evaluate(isBusy).catch(() => false))) await pause(50);
}

/** Runs in the page: whether a clock runs, or something waits to be sent. */
function isBusy() {
  const { inspect } = window.eyeshot ?? {};
  const runs = (element) => inspect(element)?.rules.some(({ state }) => state === 'running');
  return Boolean(inspect) && (Object.keys(localStorage).some((key) => key.startsWith('eyeshot:')) || [...document.querySelectorAll('a')].some(runs));
}

/** Runs in the page. */
function look() {
  const scripts = [...document.scripts].filter(({ src }) => /eyeshot(-widget)?\.m?js(\?|$)/.test(src));
  const tag = scripts.find(({ src }) => !/widget/.test(src)) ?? scripts[0];
  const selector = tag?.dataset.selector || '[data-eyeshot-link]';
  const count = (css) => {
    try {
      return document.querySelectorAll(css).length;
    } catch {
      return -1;
    }
  };
  return {
    origin: location.origin,
    runs: typeof window.eyeshot === 'object',
    scripts: scripts.map(({ src }) => src),
    inline: [...document.scripts].filter(({ src }) => !src).map(({ text }) => text),
    options: { ...tag?.dataset },
    endpoint: tag && (tag.dataset.endpoint ?? new URL('/v1/events', tag.src).href),
    selector,
    tracked: count(selector),
    widgets: count('[data-eyeshot-widget]'),
    privacy: Boolean(navigator.globalPrivacyControl),
  };
}

async function describeFrame(frame) {
  const facts = await frame
    .evaluate(() => ({ origin: location.origin, runs: typeof window.eyeshot === 'object' }))
    .catch(() => ({}));
  return { url: frame.url(), ...facts };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
