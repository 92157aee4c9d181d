/** A tab and its stage in; what a person does there out, each verb noting when it took effect. */

/** What was to take so long took much longer: this play proves nothing. */
export class Disturbed extends Error {}

const TOO_LONG_MS = 150;
const SHOW_MS_MAX = 20_000;

export function createReader(tab, stage) {
  const { marks } = stage.recorder;
  const note = (name, mark) => {
    marks[name] = mark;
  };
  /** `within`, ms: if it takes longer since the page could be seen, what it saw meanwhile counts, and rightly so. */
  const leaveWithin = async (within = Infinity, leave) => {
    const visibleSince = Math.max(...Object.values(marks).map(({ before }) => before));
    await leave();
    const took = Date.now() - visibleSince;
    if (took > within) throw new Disturbed(`it took ${took} ms until the page was left`);
  };
  const reader = {
    tab,
    stage,
    /** A stimulus, never a wait for something to happen. */
    look: (ms) => new Promise((done) => setTimeout(done, ms)),
    /** Does something to the page; `name` marks when. */
    async change(name, act, ...args) {
      note(name, await tab.run(marked(act), ...args));
    },
    async changeIn(urlPart, name, act, ...args) {
      note(name, await tab.runIn(urlPart, marked(act), ...args));
    },
    /** Brings the link to the middle of the view; its label marks when. */
    scrollTo: (label, block = 'center') => reader.change(label, scrollIntoView, label, block),
    scrollBy: (name, y) => reader.change(name, (by) => scrollBy(0, by), y),
    scrollUp: () => tab.run(() => scrollTo(0, 0)),
    /** Looks at the link for so long and no longer, and scrolls back. */
    async glance(label, ms) {
      const took = await tab.run(glance, label, ms);
      if (took > ms + TOO_LONG_MS) throw new Disturbed(`a glance of ${ms} ms took ${took} ms`);
    },
    /** Keeps the page's thread busy; "freed" marks the end. */
    async block(ms) {
      const freed = await tab.run((length) => window.journal.block(length), ms);
      note('freed', { before: freed, after: freed + 20 });
    },
    async hide({ within } = {}) {
      await leaveWithin(within, async () => {
        await tab.hide();
        await until(() => tab.run(() => document.visibilityState === 'hidden'), 'hidden');
      });
      note('hidden', { before: Date.now(), after: Date.now() });
    },
    async show() {
      const before = Date.now();
      await tab.show();
      await until(() => tab.run(() => document.visibilityState === 'visible'), 'visible');
      const { after } = await tab.run(marked(() => {}));
      note('shown', { before, after });
    },
    go: (url, { within } = {}) => leaveWithin(within, () => tab.go(url)),
    /** Through history, to the page whose address ends so; waits until it is there. */
    async back(path) {
      await tab.run(() => void setTimeout(() => history.back(), 0));
      await until(
        () => tab.run((end) => location.pathname === end && document.readyState === 'complete', path).catch(() => false),
        'back',
      );
    },
    async reload() {
      await tab.go(stage.url);
    },
    /** Waits until the page and its frames said that they are ready. */
    ready: (...paths) => until(() => ['/', ...paths].every((path) => marks[path]), `ready: ${paths}`),
  };
  return reader;
}

/** The act with its times; a function that the page can be sent. */
function marked(act) {
  return new Function('...args', `return window.journal.mark(() => (${act})(...args))`);
}

function scrollIntoView(label, block) {
  document.querySelector(`[data-eyeshot-link="${label}"]`).scrollIntoView({ block });
}

async function glance(label, ms) {
  const from = Date.now();
  document.querySelector(`[data-eyeshot-link="${label}"]`).scrollIntoView({ block: 'center' });
  await new Promise((done) => setTimeout(done, ms));
  scrollTo(0, 0);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return Date.now() - from;
}

async function until(holds, what) {
  const deadline = Date.now() + SHOW_MS_MAX;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Disturbed(`not ${what} within ${SHOW_MS_MAX} ms`);
    await new Promise((next) => setTimeout(next, 20));
  }
}
