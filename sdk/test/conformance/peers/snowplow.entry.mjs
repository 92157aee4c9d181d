/** Snowplow's tracker with its element tracking, set as its documentation says for an impression of half an element for a second. */
import { SnowplowElementTrackingPlugin, startElementTracking } from '@snowplow/browser-plugin-element-tracking';
import { newTracker, trackPageView } from '@snowplow/browser-tracker';

const { recorder, threshold, durationMs } = document.currentScript.dataset;

newTracker('sp', recorder, {
  appId: 'conformance',
  encodeBase64: false,
  eventMethod: 'post',
  bufferSize: 1,
  // The first page view is tracked before the elements: the next one is a route's.
  plugins: [SnowplowElementTrackingPlugin({ ignoreNextPageView: false })],
});
trackPageView();

// Its documentation tells single-page apps to track a page view of each route: what a router's hook would do.
let { pathname } = location;
const look = () => {
  if (location.pathname === pathname) return;
  ({ pathname } = location);
  trackPageView();
};
const push = history.pushState;
history.pushState = function (...given) {
  push.apply(this, given);
  look();
};
addEventListener('popstate', look);

const start = () =>
  startElementTracking({
    elements: {
      name: 'link',
      selector: '[data-eyeshot-link]',
      shadowSelector: 'div',
      expose: { when: 'pageview', minPercentage: Number(threshold), minTimeMillis: Number(durationMs), minSize: 1 },
      details: { dataset: ['eyeshotLink'] },
    },
  });
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
