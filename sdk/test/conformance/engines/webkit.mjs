/** WebKitGTK's MiniBrowser in a virtual screen, over WebDriver. A tab is hidden by minimizing its window. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { Builder, Button, By, Capabilities, Key } from 'selenium-webdriver';
import { EngineMissing, findProgram } from './findProgram.mjs';

const REMEDY = 'apt-get install webkit2gtk-driver xvfb xauth';
const MINI_BROWSERS = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`);
const READY_MS = 120_000;
const WINDOW = { x: 0, y: 0, width: 1024, height: 768 };

export async function openWebkit() {
  const xvfb = findProgram('XVFB_RUN', ['xvfb-run'], REMEDY);
  const driver = findProgram('WEBKIT_DRIVER', ['WebKitWebDriver'], REMEDY);
  const binary = MINI_BROWSERS.find((file) => existsSync(file));
  if (!binary) throw new EngineMissing(`there is no MiniBrowser: ${REMEDY}`);
  const port = await freePort();
  const environment = { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LIBGL_ALWAYS_SOFTWARE: '1' };
  const command = ['-a', '-s', '-screen 0 1280x1024x24', driver, `--port=${port}`, '--host=127.0.0.1'];
  const service = spawn(xvfb, command, { env: environment, stdio: 'ignore', detached: true });
  const stop = () => process.kill(-service.pid);
  try {
    const server = `http://127.0.0.1:${port}`;
    await answers(`${server}/status`);
    const wanted = { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary, args: ['--automation'] } };
    const session = await new Builder().usingServer(server).withCapabilities(new Capabilities(wanted)).build();
    const version = (await session.getCapabilities()).get('browserVersion');
    return {
      name: 'webkit',
      version: `webkit2gtk/${version}`,
      // Its driver ends a right click with the left button.
      can: new Set(['hide']),
      openTab: () => drive(session),
      async close() {
        await session.quit().catch(() => {});
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** One window for all: a tab of its own would be opened behind it. */
async function drive(session) {
  const run = async (fn, ...args) => {
    const call = `const done = arguments[arguments.length - 1];
      Promise.resolve((${fn})(...[...arguments].slice(0, -1))).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await session.executeAsyncScript(call, ...args);
    if (error) throw new Error(error);
    return value;
  };
  const within = async (urlPart, act) => {
    await enter(session, urlPart);
    try {
      return await act();
    } finally {
      await session.switchTo().defaultContent();
    }
  };
  const click = async (selector, { button = 'left' } = {}) => {
    const origin = await session.findElement(By.css(selector));
    const which = { left: Button.LEFT, middle: Button.MIDDLE, right: Button.RIGHT }[button];
    await session.actions().move({ origin }).press(which).release(which).perform();
  };
  await session.manage().setTimeouts({ script: 60_000, pageLoad: 60_000 });
  return {
    errors: [],
    go: (url) => session.get(url),
    leave: () => session.get('about:blank'),
    run,
    runIn: (urlPart, fn, ...args) => within(urlPart, () => run(fn, ...args)),
    clickIn: (urlPart, selector) => within(urlPart, () => click(selector)),
    click,
    press: (key) => session.actions().sendKeys(Key[key.toUpperCase()]).perform(),
    hide: () => session.manage().window().minimize(),
    show: () => session.manage().window().setRect(WINDOW),
    async close() {
      await session.manage().window().setRect(WINDOW);
      await session.get('about:blank');
    },
  };
}

/** Goes into the first frame, however deep, whose address has this part. */
async function enter(session, urlPart) {
  for (const frame of await session.findElements(By.css('iframe'))) {
    await session.switchTo().frame(frame);
    if ((await session.executeScript('return location.href')).includes(urlPart)) return true;
    if (await enter(session, urlPart).catch(() => false)) return true;
    await session.switchTo().parentFrame();
  }
  throw new Error(`no frame has ${urlPart} in its address`);
}

async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function answers(url) {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      return await fetch(url);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}
