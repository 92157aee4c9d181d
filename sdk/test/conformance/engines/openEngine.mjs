/**
 * An engine's name in; the engine out: its version, what it `can` beside the usual, and tabs. A tab has the verbs
 * `go leave run runIn click clickIn press hide show close`. Throws EngineMissing, with the remedy, when it is not installed.
 */
import { BrowserMissing } from '../../launchChromium.mjs';
import { openChromium } from './chromium.mjs';
import { EngineMissing } from './findProgram.mjs';
import { openFirefox } from './firefox.mjs';
import { openWebkit } from './webkit.mjs';

const ENGINES = { chromium: openChromium, firefox: openFirefox, webkit: openWebkit };

export const ENGINE_NAMES = Object.keys(ENGINES);

export async function openEngine(name) {
  const open = ENGINES[name];
  if (!open) throw new Error(`there is no engine ${name}: choose from ${ENGINE_NAMES.join(', ')}`);
  try {
    return await open();
  } catch (error) {
    throw error instanceof BrowserMissing ? new EngineMissing(error.message) : error;
  }
}

export { EngineMissing };
