/** Widgets in frames: of another origin, nested, sandboxed, replaced, alone. */
import { clicked, seen } from '../judge.mjs';
import { FAR, box, link } from './html.mjs';

const widget = (id, since, need) => seen(id, { since, need, type: 'widget_impression' });
const UNAUTHENTICATED = 16;
const oneView = (observed) => [new Set(observed.map(({ view }) => view)).size !== 1 && 'it is more than one page view'];
const joined = (observed) => [
  observed.some(({ quality }) => quality & UNAUTHENTICATED) && 'a widget was not joined',
  ...oneView(observed),
];
const alone = (observed) => [
  observed.some(({ quality }) => !(quality & UNAUTHENTICATED)) && 'a widget does not say that it is alone',
];
const F = ['frames'];

export const frames = [
  {
    name: 'a widget of another origin counts, with the links in it',
    features: F,
    html: ({ frame }) => link('page') + frame('/w', link('in')),
    expect: [seen('page'), widget('w', '/w'), seen('in', { since: '/w' })],
    check: joined,
  },
  {
    name: 'a widget of the same origin counts',
    features: F,
    html: ({ frame }) => frame('/w', link('in'), { host: 'same' }),
    expect: [widget('w', '/w'), seen('in', { since: '/w' })],
    check: joined,
  },
  { name: 'a widget below the fold does not count', features: F, html: ({ frame }) => FAR + frame('/w', link('in')), expect: [] },
  {
    name: 'a widget below the fold counts when it is scrolled to',
    features: F,
    html: ({ frame }) => FAR + frame('/w', link('in')) + FAR,
    async act(reader) {
      await reader.look(500);
      await reader.change('there', () => document.querySelector('iframe').scrollIntoView({ block: 'center' }));
    },
    expect: [widget('w', 'there'), seen('in', { since: 'there' })],
    check: joined,
  },
  {
    name: 'a third of a widget in view counts neither it nor its last link',
    features: F,
    html: ({ frame }) =>
      frame('/w', `<div style="height:150px"></div>${link('last')}`, {
        style: 'position:fixed;left:0;bottom:-134px;width:300px;height:200px',
      }),
    expect: [],
  },
  {
    name: 'two thirds of a widget count it, not its last link',
    features: F,
    html: ({ frame }) =>
      frame('/w', `<style>body{margin:0}</style><div style="height:150px"></div>${link('last')}`, {
        style: 'position:fixed;left:0;bottom:-66px;width:300px;height:200px;border:0',
      }),
    expect: [widget('w', '/w')],
  },
  {
    name: 'a link below the fold of its widget counts when it is scrolled to within',
    features: F,
    html: ({ frame }) => frame('/w', FAR + link('deep') + FAR),
    async act(reader) {
      await reader.ready('/w');
      await reader.changeIn('/w', 'there', () => document.querySelector('a').scrollIntoView({ block: 'center' }));
    },
    expect: [widget('w', '/w', 0.01), seen('deep', { since: 'there' })],
  },
  {
    name: 'taller than the view, in a frame that is taller still, counts by the view of the page',
    features: F,
    html: ({ frame }) =>
      frame('/w', `<style>body{margin:0}</style>${link('tall', 'height:3000px;width:100%')}`, {
        style: 'width:300px;height:3200px;border:0',
      }),
    look: 2200,
    expect: [widget('w', '/w', 0.1), seen('tall', { since: '/w', need: 0.1 })],
    check: joined,
  },
  {
    name: 'two widgets count each for itself',
    features: F,
    html: ({ frame }) => frame('/w', link('in w')) + frame('/v', link('in v'), { host: 'third' }),
    expect: [widget('w', '/w'), seen('in w', { since: '/w' }), widget('v', '/v'), seen('in v', { since: '/v' })],
    check: joined,
  },
  {
    name: 'a widget in a frame of another origin counts, alone',
    features: F,
    html: ({ frame, bare }) =>
      `<iframe src="${bare('/outer', frame('/w', link('in'), { host: 'third', joinMs: 300 }), 'other')}" width="400" height="300"></iframe>`,
    look: 2000,
    expect: [widget('w', '/w'), seen('in', { since: '/w' })],
  },
  {
    name: 'a widget in a frame within a frame that clips it does not count',
    features: F,
    html: ({ frame, bare }) =>
      `<iframe src="${bare('/outer', `<div style="height:400px"></div>${frame('/w', link('in'), { host: 'third', joinMs: 300 })}`, 'other')}" width="400" height="100"></iframe>`,
    look: 2000,
    expect: [],
  },
  {
    name: 'a sandboxed widget counts',
    features: F,
    html: ({ frame }) => frame('/w', link('in'), { iframe: 'sandbox="allow-scripts"', joinMs: 300 }),
    look: 2000,
    expect: [widget('w', '/w'), seen('in', { since: '/w' })],
  },
  {
    name: 'a sandboxed widget below the fold does not count',
    features: F,
    html: ({ frame }) => FAR + frame('/w', link('in'), { iframe: 'sandbox="allow-scripts"', joinMs: 300 }),
    look: 2000,
    expect: [],
  },
  {
    name: 'a widget without a page SDK counts alone, and says so',
    features: F,
    sdk: false,
    html: ({ frame }) => frame('/w', link('in'), { joinMs: 300 }),
    look: 2000,
    expect: [widget('w', '/w'), seen('in', { since: '/w' })],
    check: alone,
  },
  {
    name: 'a widget whose origin is not on the list counts alone',
    features: F,
    options: { widgetOrigins: 'https://widgets.example' },
    html: ({ frame }) => frame('/w', link('in'), { joinMs: 300 }),
    look: 2000,
    expect: [widget('w', '/w'), seen('in', { since: '/w' })],
    check: alone,
  },
  {
    name: 'a widget that is navigated to another counts both',
    features: F,
    html: ({ frame }) => frame('/w', link('first')),
    async act(reader) {
      await reader.look(1500);
      const next = reader.stage.widget('/v', link('second'));
      await reader.tab.run((url) => {
        document.querySelector('iframe').src = url;
      }, next);
    },
    expect: [widget('w', '/w'), seen('first', { since: '/w' }), widget('v', '/v'), seen('second', { since: '/v' })],
    check: joined,
  },
  {
    name: 'a widget that is navigated away within its second does not count',
    features: F,
    control: true,
    html: ({ frame }) => frame('/w', link('first')),
    async act(reader) {
      await reader.ready('/w');
      await reader.within(950, () =>
        reader.tab.run(() => {
          document.querySelector('iframe').src = 'about:blank';
        }),
      );
    },
    expect: [],
  },
  {
    name: 'a widget that is loaded anew is seen again',
    features: F,
    html: ({ frame }) => frame('/w', link('in')),
    async act(reader) {
      await reader.look(1500);
      const url = reader.stage.widget('/w', link('again'));
      await reader.tab.run((next) => {
        document.querySelector('iframe').src = `${next}?again`;
      }, url);
    },
    expect: [widget('w', '/w'), seen('in', { since: '/w' }), widget('w', '/w#2'), seen('again', { since: '/w#2' })],
    check: joined,
  },
  {
    name: 'a widget that is removed within its second does not count',
    features: F,
    html: ({ frame }) => frame('/w', link('in')),
    async act(reader) {
      await reader.ready('/w');
      await reader.within(950, () => reader.tab.run(() => document.querySelector('iframe').remove()));
    },
    expect: [],
  },
  {
    name: 'a widget that is added later counts from then',
    features: F,
    html: '<main></main>',
    async act(reader) {
      const html = reader.stage.frame('/w', link('in'));
      await reader.look(400);
      await reader.tab.run((frame) => {
        document.querySelector('main').innerHTML = frame;
      }, html);
    },
    look: 2200,
    expect: [widget('w', '/w'), seen('in', { since: '/w' })],
    check: joined,
  },
  {
    name: 'a hidden widget does not count',
    features: F,
    html: ({ frame }) =>
      frame('/w', link('in'), { style: 'visibility:hidden' }) + frame('/v', link('in v'), { style: 'display:none' }),
    look: 2000,
    expect: [],
  },
  {
    name: 'a widget that the page clips does not count',
    features: F,
    html: ({ frame }) => box('height:20px;overflow:hidden', frame('/w', link('in'), { style: 'margin-top:30px' })),
    expect: [],
  },
  {
    name: 'time of a widget in a hidden tab does not count',
    features: F,
    needs: ['hide'],
    control: false,
    html: ({ frame }) => frame('/w', link('in')),
    async act(reader) {
      await reader.ready('/w');
      await reader.look(100);
      await reader.within(950, reader.hide);
      await reader.look(1500);
    },
    look: 0,
    expect: [],
  },
  {
    name: 'a widget begins again when the tab is seen again',
    features: F,
    needs: ['hide'],
    html: ({ frame }) => frame('/w', link('in')),
    async act(reader) {
      await reader.ready('/w');
      await reader.look(200);
      await reader.within(950, reader.hide);
      await reader.look(800);
      await reader.show();
    },
    look: 2000,
    expect: [widget('w', 'shown'), seen('in', { since: 'shown' })],
  },
  {
    name: 'page and widget come back as one new page view',
    features: [...F, 'views'],
    html: ({ frame }) => link('page') + frame('/w', link('in')),
    async act(reader) {
      await reader.look(1700);
      await reader.go(reader.stage.bare('/next', 'Next'));
      await reader.look(200);
      await reader.back('/');
    },
    look: 2000,
    expect: [
      seen('page'),
      widget('w', '/w'),
      seen('in', { since: '/w' }),
      seen('page', { since: 'restored' }),
      widget('w', 'restored'),
      seen('in', { since: 'restored' }),
    ],
    check: (observed) => [new Set(observed.map(({ view }) => view)).size !== 2 && 'it is not two page views'],
  },
  {
    name: 'a click in a widget counts',
    features: [...F, 'clicks'],
    html: ({ frame }) => frame('/w', link('in', 'height:40px', '#here')),
    async act(reader) {
      await reader.ready('/w');
      await reader.look(1300);
      await reader.tab.clickIn('/w', 'a');
    },
    look: 400,
    expect: [widget('w', '/w'), seen('in', { since: '/w' }), clicked('in', { since: '/w' })],
  },
  {
    name: 'a block of the page that is named a widget counts as one',
    features: ['widget'],
    html: `<section data-eyeshot-widget="box">${link('in')}</section>`,
    expect: [widget('box'), seen('in')],
  },
];
