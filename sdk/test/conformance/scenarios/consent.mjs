/** Readers who do not want it, or not yet. */
import { seen } from '../judge.mjs';
import { link } from './html.mjs';

const say = (name, value) =>
  `<script>Object.defineProperty(navigator, '${name}', { get: () => ${JSON.stringify(value)} })</script>`;
const silent = { control: false, features: ['consent'], look: 1800, expect: [] };
const waits = { 'data-consent': 'required' };
const nothingSent = (reader) => {
  if (reader.stage.recorder.requests.length) throw new Error('something was sent before consent');
};

export const consent = [
  {
    ...silent,
    name: 'Global Privacy Control: nothing is recorded',
    before: say('globalPrivacyControl', true),
    html: link('a', 'height:40px', '#here'),
    async act({ tab }) {
      await tab.click('a');
    },
  },
  {
    ...silent,
    name: 'Global Privacy Control: no widget either',
    before: say('globalPrivacyControl', true),
    html: ({ frame }) => frame('/w', link('in'), { joinMs: 300 }),
    look: 2200,
  },
  {
    ...silent,
    name: 'Do Not Track: nothing is recorded where the site honours it',
    options: { attributes: { 'data-honour-dnt': '' } },
    before: say('doNotTrack', '1'),
    html: link('a'),
  },
  { ...silent, name: 'Do Not Track alone changes nothing', before: say('doNotTrack', '1'), html: link('a'), expect: [seen('a')] },
  {
    ...silent,
    name: 'before consent nothing is recorded, stored or sent',
    options: { attributes: waits },
    html: link('a', 'height:40px', '#here'),
    async act(reader) {
      await reader.tab.click('a');
      await reader.look(1500);
      nothingSent(reader);
      const stored = await reader.tab.run(() => localStorage.length + sessionStorage.length + document.cookie.length);
      if (stored) throw new Error('something was stored before consent');
    },
  },
  {
    ...silent,
    name: 'with consent, what is in view counts from then',
    options: { attributes: waits },
    html: link('a'),
    async act(reader) {
      await reader.look(1300);
      nothingSent(reader);
      await reader.change('agreed', () => window.eyeshot.consent(true));
    },
    expect: [seen('a', { since: 'agreed' })],
  },
  {
    ...silent,
    name: 'with consent from the start, nothing is lost',
    options: { attributes: waits },
    html: `${link('a')}<script>window.eyeshot?.consent(true)</script>`,
    expect: [seen('a')],
  },
  {
    ...silent,
    name: 'refused, nothing is recorded',
    options: { attributes: waits },
    html: link('a'),
    async act(reader) {
      await reader.tab.run(() => window.eyeshot.consent(false));
    },
  },
  {
    ...silent,
    name: 'withdrawn, nothing more is recorded',
    options: { attributes: waits },
    html: link('a', 'height:40px', '#here'),
    async act(reader) {
      await reader.change('agreed', () => window.eyeshot.consent(true));
      await reader.look(4500);
      await reader.tab.run(() => window.eyeshot.consent(false));
      await reader.tab.click('a');
    },
    expect: [seen('a', { since: 'agreed' })],
  },
  {
    ...silent,
    name: 'a widget waits for the consent of its page',
    options: { attributes: waits },
    html: ({ frame }) => frame('/w', link('in'), { attributes: { 'data-consent': 'page' } }),
    async act(reader) {
      await reader.ready('/w');
      await reader.look(1200);
      nothingSent(reader);
      await reader.change('agreed', () => window.eyeshot.consent(true));
    },
    look: 2200,
    expect: [seen('w', { since: 'agreed', type: 'widget_impression' }), seen('in', { since: 'agreed' })],
  },
];
