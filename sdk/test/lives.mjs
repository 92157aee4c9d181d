/** What the SDK leaves in a tab's storage, as the test reads it. */

/** The batches that wait in localStorage: each with its first number, how many events, and whether it may have arrived. */
export function kept(tab) {
  return tab.evaluate(() =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith('eyeshot:'))
      .flatMap((key) => JSON.parse(localStorage.getItem(key)).q)
      .map(([batch, doubtSince]) => [batch.n, batch.e.length, doubtSince > 0]),
  );
}

/** Opens a page and waits until its SDK has seen so many links. */
export async function openAndSee(stage, html, count, prepare, path = '/') {
  const tab = await stage.open(stage.site.put(path, stage.sdk() + html), prepare);
  await listenTo(tab);
  await tab.waitForFunction((enough) => seen.length >= enough, { polling: 20 }, count);
  return tab;
}

export function listenTo(tab) {
  return tab.evaluate(() => {
    window.seen = [];
    window.sent = [];
    window.dropped = [];
    eyeshot.on('seen', ({ event }) => seen.push(event.lb));
    eyeshot.on('sent', ({ by, batch }) => sent.push([by, batch.n, batch.e.length]));
    eyeshot.on('dropped', ({ batch, status }) => dropped.push([batch.n, status]));
  });
}
