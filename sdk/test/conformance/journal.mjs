/** Nothing in; the script out that every page of a scenario runs first: it tells when the page was ready, and when it starved. */

/** A page whose own timer comes later than this had no processor: what is late then says nothing about the SDK. */
export const STARVED_MS = 100;

export function journalScript(url) {
  return `<script>(${inPage})(${JSON.stringify(url)}, ${STARVED_MS})</script>`;
}

function inPage(url, starvedMs) {
  const EVERY_MS = 25;
  const post = fetch.bind(window);
  const say = (kind, facts) =>
    void post(url, {
      method: 'POST',
      mode: 'no-cors',
      keepalive: true,
      body: JSON.stringify({ kind, path: location.pathname, ...facts }),
    }).catch(() => {});
  const isVisible = () => document.visibilityState === 'visible';
  const nextFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(Date.now()))));
  const whenVisible = (act) => {
    if (isVisible()) return act();
    document.addEventListener('visibilitychange', () => whenVisible(act), { once: true });
  };
  const tell = (kind, before) => whenVisible(async () => say(kind, { before, after: await nextFrames() }));

  let before = Date.now();
  if (document.prerendering) {
    document.addEventListener('prerenderingchange', () => {
      before = Date.now();
      tell('ready', before);
    });
  } else addEventListener('load', () => tell('ready', before));
  addEventListener('pageshow', ({ persisted }) => persisted && tell('restored', Date.now()));

  let last = performance.now();
  let wasVisible = false;
  // Browsers slow down the timers of frames that nobody sees.
  let inView = self === top;
  if (!inView && window.IntersectionObserver) {
    new IntersectionObserver(([entry]) => {
      wasVisible = false;
      inView = entry.isIntersecting;
    }).observe(document.documentElement);
  }
  const beat = () => {
    const now = performance.now();
    if (wasVisible && inView && isVisible() && now - last > starvedMs) say('starved', { ms: Math.round(now - last) });
    wasVisible = isVisible();
    last = now;
  };
  setInterval(beat, EVERY_MS);
  document.addEventListener('visibilitychange', () => (wasVisible = false));
  addEventListener('pageshow', () => (wasVisible = false));

  window.journal = {
    /** Does it; tells the times before it and after the frame that shows it. */
    async mark(act) {
      const from = Date.now();
      await act();
      return { before: from, after: await nextFrames() };
    },
    /** The scenario itself keeps the page busy. */
    block(ms) {
      const end = Date.now() + ms;
      while (Date.now() < end);
      last = performance.now();
      return end;
    },
    pardon() {
      wasVisible = false;
    },
  };
}
