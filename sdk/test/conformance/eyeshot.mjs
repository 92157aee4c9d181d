/** Eyeshot, as the other trackers are: its script tags in the pages, and its batches as impressions. */
import { readdirSync } from 'node:fs';

const DIST = new URL('../../dist/', import.meta.url);

/** Events that say something of the others: nobody saw anything. */
const NOTICES = ['page_end', 'frame_hidden'];

export const eyeshot = {
  name: 'eyeshot',
  features: new Set([
    'widget',
    'frames',
    'rules',
    'clicks',
    'consent',
    'fallback',
    'quality',
    'views',
    'spa',
    'shadow',
    'recycled',
  ]),
  files: Object.fromEntries(
    readdirSync(DIST)
      .filter((file) => file.endsWith('.js'))
      .map((file) => [`/sdk/${file}`, new URL(file, DIST)]),
  ),
  pageHead: (options, context) =>
    tag('eyeshot.js', context, {
      'data-widget-origins': options.widgetOrigins ?? `${context.origins.other} ${context.origins.third} ${context.origins.same}`,
      ...shared(options),
    }),
  widgetHead: (options, context) =>
    tag('eyeshot-widget.js', context, {
      'data-widget': options.widget,
      'data-page-origins': options.pageOrigins ?? context.origins.same,
      'data-join-ms': options.joinMs,
      ...shared(options),
    }),
  read: ({ url, body }) => (url.startsWith('/v1/events') ? readBatch(JSON.parse(body)) : []),
};

function shared({ duration, threshold, attributes = {} }) {
  return { 'data-duration-ms': duration, 'data-threshold': threshold, ...attributes };
}

function tag(file, { recorder, site }, attributes) {
  const all = { src: `${recorder}/sdk/${file}`, 'data-site': site, 'data-endpoint': `${recorder}/v1/events`, ...attributes };
  const text = Object.entries(all).map(([name, value]) => (value === undefined ? '' : `${name}="${value}"`));
  return `<script ${text.join(' ')}></script>`;
}

/** Without the notices of the transport; `id` names an event for ever, a resent one has the same. */
function readBatch({ pv, so, n, e }) {
  const events = e.map(({ et, ts, lb, w, vr, vd, q = 0, l }, index) => ({
    type: et,
    label: et === 'widget_impression' ? w : lb,
    at: ts,
    ms: vd,
    ratio: vr,
    quality: q,
    link: l,
    view: pv,
    source: so,
    id: `${pv} ${so} ${n + index}`,
  }));
  return events.filter(({ type }) => !NOTICES.includes(type));
}
