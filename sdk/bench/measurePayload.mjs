/** Nothing in; bytes per event at batch 20 out: as the SDK posts it from a real page, and the same events in other encodings. */
import { gzipSync } from 'node:zlib';
import { eyeshot } from '../test/conformance/eyeshot.mjs';
import { startRecorder } from '../test/conformance/record.mjs';
import { launchChromium } from '../test/launchChromium.mjs';
import { startSite } from '../test/servers.mjs';
import { until } from '../test/stage.mjs';

const EVENTS = 20;
const SYLLABLES = 'bar ces din el for gan hol is jor kel lam mon nur os pel qui ros sten tal ur ven wil xen yor zan'.split(' ');
/** Words that repeat no more than words do, the same in every run. */
const word = (i) =>
  Array.from({ length: 3 }, (_, k) => SYLLABLES[(i * 7919 + k * 104_729 + i * i * 31) % SYLLABLES.length]).join('');
const headline = (i) => `${word(2 * i)} ${word(2 * i + 1)}`;
const address = (i) =>
  `https://www.example.org/${['culture', 'travel', 'city'][i % 3]}/${headline(i).replace(' ', '-')}-${4711 + i * 37}`;
const article = (i) =>
  `<a style="display:inline-block;width:380px;height:24px" href="${address(i)}" data-eyeshot-link="${headline(i)}">${headline(i)}</a>`;

export async function measurePayload() {
  const body = await oneBatch();
  const { e: events, ...shared } = JSON.parse(body);
  const full = events.map((event, index) => spell(event, shared, index));
  return {
    events: events.length,
    link_chars: mean(events.map(({ l }) => l.length)),
    label_chars: mean(events.map(({ lb }) => lb.length)),
    eyeshot: perEvent(body, events.length),
    // One object per event under full names, as a first version would post it: what all events share is in each.
    naive: perEvent(JSON.stringify(full), events.length),
    // The seed's event: name, time, link, label, placement, page, and an id for duplicates.
    seed: perEvent(JSON.stringify(full.map(seedOf)), events.length),
  };
}

async function oneBatch() {
  const recorder = await startRecorder(eyeshot);
  const site = await startSite('127.0.0.1');
  const browser = await launchChromium({});
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 800 });
    const head = eyeshot.pageHead({ widgetOrigins: '' }, { recorder: recorder.url, site: 'daily-news' });
    await page.goto(
      site.put('/culture/the-lamps-of-the-old-harbour', head + Array.from({ length: EVENTS }, (_, i) => article(i)).join('')),
    );
    const batches = () => recorder.requests.filter(({ body }) => body && JSON.parse(body).e?.length === EVENTS);
    await until(() => batches().length, 'a batch of twenty', recorder.requests);
    return batches()[0].body;
  } finally {
    await browser.close();
    await Promise.all([recorder.close(), site.close()]);
  }
}

function spell({ et, ts, l, lb, pl, vr, vd, q }, { s, p, pv, so, n, st, v, vp }, index) {
  return {
    event_type: et,
    timestamp: ts,
    link: l,
    label: lb,
    placement: pl,
    visible_ratio: vr,
    visible_ms: vd,
    quality: q ?? 0,
    site: s,
    page: p,
    page_view_id: pv,
    source: so,
    sequence: n + index,
    sent_at: st,
    sdk: v,
    viewport: vp,
  };
}

function seedOf({ event_type, timestamp, link, label, placement, page, page_view_id, sequence }) {
  return { event_type, timestamp, link, label, placement, page, event_id: `${page_view_id}-${sequence}` };
}

function perEvent(text, events) {
  const round = (bytes) => Math.round((bytes / events) * 10) / 10;
  return { raw: round(Buffer.byteLength(text)), gz: round(gzipSync(text, { level: 9 }).length) };
}

const mean = (lengths) => lengths.reduce((sum, each) => sum + each, 0) / lengths.length;
