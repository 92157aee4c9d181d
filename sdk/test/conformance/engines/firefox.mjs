/** Firefox over WebDriver BiDi. */
import puppeteer from 'puppeteer-core';
import { findProgram } from './findProgram.mjs';
import { openWithPuppeteer } from './openWithPuppeteer.mjs';

export async function openFirefox() {
  const executablePath = findProgram('FIREFOX', ['firefox-esr', 'firefox'], 'apt-get install firefox-esr');
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    protocolTimeout: 120_000,
    timeout: 120_000,
    // Its own pages would take the processor while ours are measured.
    extraPrefsFirefox: {
      'app.update.enabled': false,
      'browser.newtabpage.enabled': false,
      'browser.safebrowsing.malware.enabled': false,
      'browser.safebrowsing.phishing.enabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'services.settings.server': 'data:,',
    },
  });
  return openWithPuppeteer('firefox', browser, {
    /** Not by `goto`: after a way back through history, that waits for ever. */
    leave: (page) => page.evaluate(() => void setTimeout(() => location.assign('about:blank'), 0)),
  });
}
