/** A browser that puppeteer drives in; an engine out, as `openEngine` describes it. */

export async function openWithPuppeteer(name, browser, extras) {
  // Opened beforehand: hiding a tab behind it then takes no time.
  const elsewhere = await browser.newPage();
  return {
    name,
    version: await browser.version(),
    can: new Set(['hide', 'background', 'right click', ...Object.keys(extras)]),
    openTab: async () => drive(await browser.newPage(), elsewhere, extras),
    close: () => browser.close(),
  };
}

function drive(page, elsewhere, extras) {
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const tab = {
    errors,
    go: (url) => page.goto(url),
    /** A prerendered page that was activated is no longer the driver's: it goes with its tab. */
    leave: () =>
      page.goto('about:blank').catch((error) => {
        if (!/detached Frame/.test(error.message)) throw error;
      }),
    run: (fn, ...args) => page.evaluate(fn, ...args),
    async runIn(urlPart, fn, ...args) {
      const frame = page.frames().find((each) => each.url().includes(urlPart));
      if (!frame) throw new Error(`no frame has ${urlPart} in its address`);
      return frame.evaluate(fn, ...args);
    },
    async clickIn(urlPart, selector) {
      await page
        .frames()
        .find((each) => each.url().includes(urlPart))
        .click(selector);
    },
    click: (selector, { button = 'left' } = {}) => page.click(selector, { button }),
    press: (key) => page.keyboard.press(key),
    hide: () => elsewhere.bringToFront(),
    show: () => page.bringToFront(),
    close: () => page.close(),
  };
  for (const [verb, act] of Object.entries(extras)) tab[verb] = (...args) => act(page, ...args);
  return tab;
}
