/** The peers as adapters: their script in the page, and what they send as impressions. */
import { versionOf } from './build.mjs';

/** @param features what it is asked beside the plain scenarios: only what its documentation offers */
function adapter(name, title, features, read) {
  const file = `/peers/${name}.js`;
  const head = ({ duration = 1000, threshold = 0.5 }, { recorder }) =>
    `<script src="${recorder}${file}" data-recorder="${recorder}" data-threshold="${threshold}" data-duration-ms="${duration}"></script>`;
  return {
    name,
    title,
    features: new Set(features),
    files: { [file]: new URL(`dist/${name}.js`, import.meta.url) },
    pageHead: head,
    widgetHead: head,
    read,
  };
}

const type = 'link_impression';
const readBeacon = ({ url, body }) => (url === '/seen' ? [{ type, ...JSON.parse(body) }] : []);

/** One event of Snowplow's: the label is in the entity that describes the element. */
function readSnowplow({ body }) {
  const { data = [] } = body.startsWith('{') ? JSON.parse(body) : {};
  return data
    .filter(({ ue_pr: event }) => /expose_element/.test(event))
    .map(({ dtm, co, eid, ue_pr: event }) => {
      const entities = JSON.parse(co).data.filter(({ schema }) => /\/element\//.test(schema));
      const attributes = entities.flatMap((entity) => entity.data.attributes ?? []);
      const label =
        attributes.find(({ attribute }) => attribute === 'eyeshotLink')?.value ?? JSON.parse(event).data.data.element_name;
      return { type, label, at: Number(dtm), id: eid };
    });
}

export const peers = () => [
  adapter('snowplow', `Snowplow browser tracker ${versionOf('@snowplow/browser-tracker')} + element tracking`, ['views', 'spa', 'shadow'], readSnowplow),
  adapter(
    'reactIntersectionObserver',
    `react-intersection-observer ${versionOf('react-intersection-observer')} + a timer`,
    ['views'],
    readBeacon,
  ),
  adapter('handWritten', 'a hand-written observer + a timer', ['views'], readBeacon),
];
