/** Consent that is taken back while something is still on its way: whatever comes late comes to nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLeft, LISTEN, openAndSee } from './lives.mjs';
import { FAR, labels, link, look, openStage, until } from './stage.mjs';

const stage = openStage();

/** Opens a page up to the moment when it asks for this file; gives the tab, and the request to let go. */
async function openUntil(file, url) {
  let tab;
  const request = await new Promise((asked) => {
    void stage.open(url, async (fresh) => {
      tab = fresh;
      await fresh.setRequestInterception(true);
      fresh.on('request', (each) => void (each.url().includes(file) ? asked(each) : each.continue()));
    });
  });
  return [tab, request];
}

const withdraw = (tab) => tab.evaluate(() => eyeshot.consent(false));
const agree = (tab) => tab.evaluate(() => eyeshot.consent(true));

function putWidget(attributes = '', more = '') {
  const all = `data-widget="w" data-page-origins="${stage.site.origin}" ${attributes}`;
  return stage.other.put('/widget', stage.sdk(all, 'eyeshot-widget.js') + link('in widget', 'height:40px', '#here') + more);
}

const putPage = (widget) =>
  stage.site.put('/', stage.sdk(`data-widget-origins="${stage.other.origin}"`) + link('on page') + `<iframe src="${widget}"></iframe>`);

test('what a page needs for its widgets, and gets when it may no longer, accepts none', async () => {
  const [tab, request] = await openUntil('/eyeshot-frames.', putPage(putWidget('data-join-ms="1000"')));
  await withdraw(tab);
  await request.continue();
  await tab.waitForFunction(() => eyeshot.parts.frames);
  const alone = await stage.eventsWith('in widget');
  assert.deepEqual(new Set(alone.map(({ so }) => so)), new Set(['widget0']), 'nobody answered');
  await agree(tab);
  const own = (await stage.eventsWith('on page')).find(({ lb }) => lb === 'on page');
  const frame = await tab.waitForFrame((each) => each.url().includes('/widget'));
  const joined = () => stage.collector.events().filter(({ so }) => so !== 'widget0' && so !== 'page');
  await until(async () => {
    await frame.click('a');
    await look(500);
    return joined().length;
  }, 'a click through the page', stage.collector.requests);
  assert.deepEqual(new Set(joined().map(({ so, pv }) => `${so} ${pv}`)), new Set([`widget1 ${own.pv}`]), 'by one, of the view that goes on');
});

test('what a lone widget needs to send, and gets when it may no longer, sends nothing', async () => {
  const html = stage.sdk('data-widget="w" data-duration-ms="100"', 'eyeshot-widget.js') + link('first', 'height:40px', '#here');
  const [tab, request] = await openUntil('/eyeshot-alone.', stage.other.put('/', html));
  await tab.click('a');
  await withdraw(tab);
  await request.continue();
  await tab.waitForFunction(() => eyeshot.parts.alone);
  const agreedAt = await tab.evaluate(() => {
    eyeshot.consent(true);
    return Date.now();
  });
  const events = await stage.eventsWith('first');
  assert.ok(events.every(({ et, ts }) => et !== 'link_click' && ts >= agreedAt), JSON.stringify(events));
});

test('an element that is defined when it is too late is not looked at', async () => {
  const tab = await stage.open(stage.site.put('/', stage.sdk() + link('first') + '<x-late></x-late>'));
  await stage.eventsWith('first');
  await withdraw(tab);
  const work = await tab.evaluate(() => {
    window.work = [];
    for (const { prototype } of [IntersectionObserver, MutationObserver]) {
      prototype.observe = () => work.push('observe');
    }
    customElements.define('x-late', class extends HTMLElement {});
    return customElements.whenDefined('x-late').then(() => new Promise((done) => setTimeout(() => done(work))));
  });
  assert.deepEqual(work, []);
});

test('a lock that is given when it is too late takes nothing over', async () => {
  stage.collector.answers.push({ status: 503 });
  const earlier = await openAndSee(stage, link('first'), 1);
  await earlier.goto(stage.site.put('/bare', 'nothing here'));
  await until(() => stage.collector.requests.length, 'beacon');
  await isLeft(earlier);
  const slow = (tab) =>
    tab.evaluateOnNewDocument(() => {
      window.locks = [];
      navigator.locks.request = (...args) => new Promise(() => locks.push(args.pop()));
    });
  const tab = await stage.open(stage.site.put('/next', stage.sdk() + LISTEN), slow);
  const left = await tab.evaluate(() => ({ ...localStorage }));
  await withdraw(tab);
  const after = await tab.evaluate((there) => {
    Object.assign(localStorage, there);
    for (const grant of locks) grant({});
    return new Promise((done) => setTimeout(() => done([{ ...localStorage }, sent])));
  }, left);
  assert.equal(Object.keys(left).length, 1);
  assert.deepEqual(after, [left, []]);
});

test("a widget's own withdrawal lasts beyond the page's next route, and what it agrees to later counts once", async () => {
  const tab = await stage.open(putPage(putWidget()));
  await stage.eventsWith('in widget');
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  await withdraw(frame);
  await tab.evaluate(() => history.pushState(null, '', '/route'));
  const ofRoute = (label) => stage.collector.events().filter(({ p, lb }) => p.endsWith('/route') && lb === label);
  await until(() => ofRoute('on page').length, 'the link on the route', stage.collector.requests);
  assert.deepEqual(ofRoute('in widget'), []);
  await agree(frame);
  await until(() => ofRoute('in widget').length, 'the widget on the route', stage.collector.requests);
  await tab.evaluate(() => history.pushState(null, '', '/end'));
  await stage.events((all) => all.some(({ p }) => p.endsWith('/end')), 'the next route');
  assert.deepEqual(ofRoute('in widget').map(({ so }) => so), ['widget2']);
});

test('a widget whose page took consent back looks at nothing when the tab is seen again', async () => {
  const tab = await stage.open(putPage(putWidget('', FAR + link('not seen yet'))));
  await stage.eventsWith('in widget');
  const frame = await tab.waitForFrame((each) => each.url().endsWith('/widget'));
  await frame.evaluate(() => {
    window.looked = [];
    IntersectionObserver.prototype.observe = () => looked.push(document.visibilityState);
    document.addEventListener('visibilitychange', () => { window.last = document.visibilityState; });
  });
  await withdraw(tab);
  const other = await stage.open(stage.site.put('/other', 'Something else'));
  await frame.waitForFunction(() => window.last === 'hidden', { polling: 20 });
  await tab.bringToFront();
  await frame.waitForFunction(() => window.last === 'visible', { polling: 20 });
  assert.deepEqual(await frame.evaluate(() => looked), []);
  await other.close();
  await agree(tab);
  await frame.waitForFunction(() => looked.length, { polling: 20 });
});

test('a listener may take consent back: of what is counted at the same moment nothing goes out', async () => {
  const stop = `<script>eyeshot.on('seen', ({ event }) => event.lb === 'sentinel' || (window.stopped = true, eyeshot.consent(false)))</script>`;
  const tab = await stage.open(stage.site.put('/', stage.sdk() + stop + link('first') + link('second')));
  await tab.waitForFunction(() => window.stopped, { polling: 20 });
  await tab.evaluate((sentinel) => {
    document.body.innerHTML = sentinel;
    eyeshot.consent(true);
  }, link('sentinel'));
  assert.deepEqual(labels(await stage.eventsWith('sentinel')), ['sentinel']);
});

/** Writes down whatever of the browser is touched from now on: what is set up, read, kept, asked or sent. */
const watchAll = (tab) =>
  tab.evaluateOnNewDocument(() => {
    window.touched = [];
    const wrap = (owner, name) => {
      const real = owner[name];
      owner[name] = function (...args) {
        touched.push(name);
        return real.apply(this, args);
      };
    };
    const METHODS = [
      [EventTarget.prototype, 'addEventListener'],
      [Window.prototype, 'addEventListener'],
      [IntersectionObserver.prototype, 'observe'],
      [MutationObserver.prototype, 'observe'],
      [ResizeObserver.prototype, 'observe'],
      [PerformanceObserver.prototype, 'observe'],
      [window, 'setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback', 'queueMicrotask', 'fetch', 'postMessage'],
      [MessagePort.prototype, 'postMessage'],
      [Navigator.prototype, 'sendBeacon'],
      [XMLHttpRequest.prototype, 'open'],
      [Storage.prototype, 'getItem', 'setItem', 'removeItem', 'key'],
      [IDBFactory.prototype, 'open', 'databases'],
      [LockManager.prototype, 'request', 'query'],
      [Document.prototype, 'createElement', 'querySelectorAll'],
    ];
    for (const [owner, ...names] of METHODS) for (const name of names) wrap(owner, name);
    for (const [owner, name] of [[window, 'localStorage'], [window, 'sessionStorage'], [Document.prototype, 'cookie'], [window, 'indexedDB']]) {
      const { get } = Object.getOwnPropertyDescriptor(owner, name);
      Object.defineProperty(owner, name, { configurable: true, get() { touched.push(name); return get.call(this); } });
    }
  });

/** What was touched by all that a reader does: clicks, scrolls, another route, a new link, another tab. */
async function touchedByReading(tab, html) {
  await tab.click('a');
  const other = await stage.open(stage.site.put('/other', 'Something else'));
  await tab.bringToFront();
  await other.close();
  await tab.evaluate((more) => {
    scrollTo(0, 10);
    history.pushState(null, '', '/route');
    document.body.append(document.createRange().createContextualFragment(more));
  }, html);
  // Longer than a rule and a batch together: what goes on would show itself.
  await look(3500);
  return tab.evaluate(() => touched);
}

test('before consent, and after its withdrawal, nothing of the browser is touched, whatever the reader does', async () => {
  const html = link('first', 'height:40px', '#here') + '<div style="height:3000px"></div>';
  const tab = await stage.open(stage.site.put('/', stage.sdk('data-consent="required"') + html), watchAll);
  assert.deepEqual(await touchedByReading(tab, link('later')), [], 'before');
  await agree(tab);
  await stage.eventsWith('first');
  assert.ok((await tab.evaluate(() => touched)).length > 10, 'and it would be seen');
  await withdraw(tab);
  await tab.evaluate(() => { touched.length = 0; });
  assert.deepEqual(await touchedByReading(tab, link('latest')), [], 'after');
  assert.deepEqual(await tab.evaluate(() => [document.cookie, localStorage.length]), ['', 0]);
});
