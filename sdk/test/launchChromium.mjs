/** A path (else CHROMIUM's, else what is on the PATH) in; a headless Chromium with a fresh profile out. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** There is no browser to drive. */
export class BrowserMissing extends Error {}

export async function launchChromium({ path = process.env.CHROMIUM, flags = [], without = [] } = {}) {
  return puppeteer.launch({
    executablePath: path ? checked(path) : found(),
    args: [...FLAGS, ...flags],
    ignoreDefaultArgs: without,
    protocolTimeout: 120_000,
  });
}

function found() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const file = files.find(isExecutable);
  if (file) return file;
  throw new BrowserMissing(`none of ${NAMES.join(', ')} is on the PATH: install Chromium, or set CHROMIUM to its path`);
}

function checked(path) {
  if (isExecutable(path)) return path;
  throw new BrowserMissing(`${path} is not a browser that can be run: give the path of Chromium's executable`);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
