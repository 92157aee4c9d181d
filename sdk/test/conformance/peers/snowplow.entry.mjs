/** Snowplow's tracker with its element tracking, set as its documentation says for an impression of half an element for a second. */
import { SnowplowElementTrackingPlugin, startElementTracking } from '@snowplow/browser-plugin-element-tracking';
import { newTracker, trackPageView } from '@snowplow/browser-tracker';

const { recorder, threshold, durationMs } = document.currentScript.dataset;

newTracker('sp', recorder, {
  appId: 'conformance',
  encodeBase64: false,
  eventMethod: 'post',
  bufferSize: 1,
  plugins: [SnowplowElementTrackingPlugin()],
});
trackPageView();

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
