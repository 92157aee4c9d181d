/** What the SDK of a tab does, and what it leaves in the tab's storage, as the test reads it. */
import { isDeepStrictEqual } from 'node:util';
import { HOLD, until } from './stage.mjs';

/** Runs in the page. */
function readKept() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith('eyeshot:'))
    .flatMap((key) => JSON.parse(localStorage.getItem(key)).q)
    .map(([batch, doubtSince]) => [batch.n, batch.e.length, doubtSince > 0]);
}

/** Runs in the page. */
function listen() {
  window.seen = [];
  window.sent = [];
  window.answered = [];
  window.dropped = [];
  window.rejected = [];
  eyeshot.on('seen', ({ event }) => seen.push(event.lb));
  eyeshot.on('sent', ({ by, batch }) => sent.push([by, batch.n, batch.e.length]));
  eyeshot.on('answered', ({ status }) => answered.push(status));
  eyeshot.on('dropped', ({ batch, status }) => dropped.push([batch.n, status]));
  eyeshot.on('rejected', ({ batch, index, reason }) => rejected.push([batch.e[index].lb, reason]));
}

/** Follows the SDK's script, so that nothing that it does is missed, however late the driver of the browser comes. */
export const LISTEN = `<script>window.readKept = ${readKept}; (${listen})();</script>`;

/** The batches that wait in localStorage: each with its first number, how many events, and whether it may have arrived. */
export function kept(tab) {
  return tab.evaluate(readKept);
}

/** Waits until just these batches wait: a page may hear late of what another one wrote. */
export function keeps(tab, ...batches) {
  return until(async () => isDeepStrictEqual(await kept(tab), batches), `storage with ${JSON.stringify(batches)}`);
}

/** Opens a page and waits until its SDK has seen so many links; what it saw waits until the page is left. */
export async function openAndSee(stage, html, count, { prepare, attributes = HOLD } = {}) {
  const tab = await stage.open(stage.site.put('/', stage.sdk(attributes) + LISTEN + html), prepare);
  await sees(tab, count);
  return tab;
}

/** Waits until the SDK has seen so many links and clicks in all. */
export function sees(tab, count) {
  return tab.waitForFunction((enough) => seen.length >= enough, { polling: 20 }, count);
}

/** Waits until the SDK has heard so many answers of the collector: that it got a request does not say that its answer was heard. */
export function hears(tab, count) {
  return tab.waitForFunction((enough) => answered.length >= enough, { polling: 20 }, count);
}

/** Waits until what a page left is there for the next one, which looks only once, and no tab of this origin holds it any more. */
export async function isLeft(tab) {
  const held = () => tab.evaluate(async () => (await navigator.locks?.query())?.held.length);
  await until(async () => !(await held()) && (await kept(tab)).length, 'batches without an owner');
}

/** The collector asks to be left alone for 5 minutes, or, in a tab with a `ringer`, until the test calls `ring()` there. */
export const WAIT = { status: 503, headers: { 'retry-after': '300' } };

export const ringer = (tab) =>
  tab.evaluateOnNewDocument(() => {
    const real = setTimeout;
    window.setTimeout = (run, ms, ...rest) => {
      if (ms >= 300_000) window.ring = run;
      return real(run, ms, ...rest);
    };
  });

/**
 * Chromium tells a process what another one removed from the storage only after it gave it the lock (in 4 of 10 tries on a busy
 * machine): a tab could still read what the one before has taken, and send a copy, which the compactor would leave out.
 */
export const readLate = (tab) =>
  tab.evaluateOnNewDocument(() => {
    const request = navigator.locks.request.bind(navigator.locks);
    navigator.locks.request = (name, ...rest) => {
      const act = rest.pop();
      return request(name, ...rest, async (lock) => {
        if (lock && rest.length) await new Promise((done) => setTimeout(done, 500));
        return act(lock);
      });
    };
  });
