/** A tab and its stage in; what a person does there out, each verb noting when it took effect. */

/** What was to take so long took much longer: this play proves nothing. */
export class Disturbed extends Error {}

const TOO_LONG_MS = 150;
const BLOCK_WITHIN_MS = 950;
const SHOW_MS_MAX = 20_000;

export function createReader(tab, stage) {
  const { marks } = stage.recorder;
  const note = (name, mark) => {
    marks[name] = mark;
  };
  /** When the last thing happened from which something can be seen. */
  const lastMark = () => Math.max(...Object.values(marks).map(({ before }) => before));
  const reader = {
    tab,
    stage,
    /** A stimulus, never a wait for something to happen. */
    async look(ms) {
      const from = Date.now();
      await new Promise((done) => setTimeout(done, ms));
      const took = Date.now() - from;
      if (took > ms + TOO_LONG_MS) throw new Disturbed(`a look of ${ms} ms took ${took} ms`);
    },
    /** Does it; if that took longer, ms, since the page could be seen, what it saw meanwhile counts, and rightly so. */
    async within(ms, act) {
      const from = lastMark();
      await act();
      const until = lastMark() > from ? lastMark() : Date.now();
      if (until - from > ms) throw new Disturbed(`it took ${until - from} ms, not ${ms}, since the page could be seen`);
    },
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
    /** Keeps the page's thread busy, before what is in view counts; "freed" marks the end. */
    async block(ms) {
      const from = lastMark();
      const freed = await tab.run((length) => window.journal.block(length), ms);
      if (freed - ms - from > BLOCK_WITHIN_MS) throw new Disturbed(`it took ${freed - ms - from} ms until the page was blocked`);
      note('freed', { before: freed, after: freed + 20 });
    },
    async hide() {
      await tab.hide();
      await until(() => tab.run(() => document.visibilityState === 'hidden'), 'hidden');
      note('hidden', { before: Date.now(), after: Date.now() });
    },
    async show() {
      const before = Date.now();
      await tab.show();
      await until(() => tab.run(() => document.visibilityState === 'visible'), 'visible');
      const { after } = await tab.run(marked(() => {}));
      note('shown', { before, after });
    },
    go: (url) => tab.go(url),
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
