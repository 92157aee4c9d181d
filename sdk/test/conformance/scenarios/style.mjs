/** What CSS hides, clips and covers. */
import { seen } from '../judge.mjs';
import { FAR, box, fixed, link } from './html.mjs';

const OCCLUSION_UNKNOWN = 1;

const later =
  (name, act, { before = 500, within = Infinity } = {}) =>
  async (reader) => {
    await reader.look(before);
    await reader.within(within, () => reader.change(name, act));
  };

export const style = [
  { name: 'opacity 0 does not count', html: link('clear', 'opacity:0'), expect: [] },
  { name: 'within opacity 0 does not count', html: box('opacity:0', link('clear')), expect: [] },
  { name: 'opacity 0.5 counts', html: link('pale', 'opacity:0.5'), expect: [seen('pale')] },
  { name: 'visibility hidden does not count', html: link('hidden', 'visibility:hidden'), expect: [] },
  { name: 'within visibility hidden does not count', html: box('visibility:hidden', link('hidden')), expect: [] },
  {
    name: 'visible within visibility hidden counts',
    html: box('visibility:hidden', link('shown', 'visibility:visible')),
    expect: [seen('shown')],
  },
  { name: 'display none does not count', html: link('none', 'display:none'), expect: [] },
  {
    name: 'display none that is shown later counts from then',
    html: link('none', 'display:none'),
    act: later('shown', () => {
      document.querySelector('a').style.display = 'block';
    }),
    expect: [seen('none', { since: 'shown' })],
  },
  {
    name: 'hidden by display none within its second does not count',
    html: link('gone'),
    act: later(
      'gone',
      () => {
        document.querySelector('a').style.display = 'none';
      },
      { before: 300, within: 950 },
    ),
    expect: [],
  },
  {
    name: 'faded in, it counts not before a second from then',
    html: link('faded', 'opacity:0'),
    look: 2800,
    tolerance: 1000,
    act: later('faded', () => {
      document.querySelector('a').style.opacity = '1';
    }),
    expect: [seen('faded', { since: 'faded' })],
  },
  {
    name: 'turned visible, it counts not before a second from then',
    html: link('turned', 'visibility:hidden'),
    look: 2800,
    tolerance: 1000,
    act: later('turned', () => {
      document.querySelector('a').style.visibility = 'visible';
    }),
    expect: [seen('turned', { since: 'turned' })],
  },
  {
    name: 'faded out within its second, it does not count',
    html: link('faded'),
    act: later(
      'faded',
      () => {
        document.querySelector('a').style.opacity = '0';
      },
      { before: 300, within: 950 },
    ),
    expect: [],
  },
  { name: 'content-visibility hidden does not count', html: box('content-visibility:hidden', link('skipped')), expect: [] },
  {
    name: 'content-visibility auto counts in view, not below',
    html:
      box('content-visibility:auto', link('shown')) +
      FAR +
      box('content-visibility:auto;contain-intrinsic-size:100px', link('below')),
    expect: [seen('shown')],
  },
  {
    name: 'a closed details does not count, an open one does',
    html: `<details><summary>more</summary>${link('closed')}</details><details open><summary>less</summary>${link('open')}</details>`,
    expect: [seen('open')],
  },
  {
    name: 'clipped by overflow hidden does not count',
    html: box('height:30px;overflow:hidden', `<div style="height:30px"></div>${link('clipped')}`),
    expect: [],
  },
  {
    name: 'more than half within overflow hidden counts',
    html: box('height:64px;overflow:hidden', `<div style="height:40px"></div>${link('inside')}`),
    expect: [seen('inside')],
  },
  {
    name: 'less than half within overflow hidden does not count',
    html: box('height:56px;overflow:hidden', `<div style="height:40px"></div>${link('clipped')}`),
    expect: [],
  },
  {
    name: 'scrolled out of a nested scroller does not count',
    html: box('height:100px;overflow:auto', `<div style="height:500px"></div>${link('inner')}`),
    expect: [],
  },
  {
    name: 'scrolled into view in a nested scroller counts from then',
    html: box('height:100px;overflow:auto', `<div style="height:500px"></div>${link('inner')}<div style="height:500px"></div>`),
    async act(reader) {
      await reader.look(400);
      await reader.scrollTo('inner');
    },
    expect: [seen('inner', { since: 'inner' })],
  },
  {
    name: 'a scroller within a scroller counts when both show it',
    html: box(
      'height:120px;overflow:auto',
      `<div style="height:300px"></div>${box('height:100px;overflow:auto', `<div style="height:300px"></div>${link('deep')}<div style="height:300px"></div>`)}`,
    ),
    async act(reader) {
      await reader.change('inner', () => document.querySelector('a').parentElement.scrollTo(0, 300));
      await reader.look(1300);
      await reader.change('outer', () => document.querySelector('div > div > a').parentElement.parentElement.scrollTo(0, 9999));
    },
    expect: [seen('deep', { since: 'outer' })],
  },
  {
    name: 'slides of a carousel count when they are shown',
    html: box(
      'width:300px;overflow:hidden',
      `<div id="track" style="display:flex;width:900px">${['one', 'two', 'three'].map((each) => link(each, 'width:300px;height:60px')).join('')}</div>`,
    ),
    async act(reader) {
      await reader.look(1300);
      await reader.change('slid', () => {
        document.querySelector('#track').style.transform = 'translateX(-300px)';
      });
    },
    expect: [seen('one'), seen('two', { since: 'slid' })],
  },
  {
    name: 'moved off screen for skip links does not count',
    html: fixed('skip', 'left:-9999px;top:0;width:100px;height:30px'),
    expect: [],
  },
  {
    name: 'half the size by a transform counts',
    html: fixed('small', 'left:0;top:0;width:200px;height:100px;transform:scale(0.5)'),
    expect: [seen('small')],
  },
  {
    name: 'scaled to nothing does not count',
    html: fixed('nothing', 'left:0;top:0;width:200px;height:100px;transform:scale(0)'),
    expect: [],
  },
  {
    name: 'turned by 30 degrees counts',
    html: fixed('turned', 'left:50px;top:50px;width:200px;height:60px;transform:rotate(30deg)'),
    expect: [seen('turned')],
  },
  {
    name: 'fully covered by an opaque layer does not count',
    html: link('covered') + box('position:fixed;inset:0;background:#333', ''),
    control: true,
    expect: [],
  },
  {
    name: 'uncovered, it counts not before a second from then',
    html: `${link('covered')}<div id="cover" style="position:fixed;inset:0;background:#333"></div>`,
    look: 2800,
    tolerance: 1000,
    act: later('uncovered', () => document.querySelector('#cover').remove()),
    expect: [seen('covered', { since: 'uncovered' })],
  },
  {
    name: 'under a layer that lets everything through, it counts',
    html: link('under') + box('position:fixed;inset:0;pointer-events:none', ''),
    expect: [seen('under')],
  },
  {
    name: 'a child that fills the link does not cover it',
    html: fixed('card', 'left:0;top:0;width:200px;height:100px').replace(
      '>card<',
      '><span style="position:absolute;inset:0">card</span><',
    ),
    expect: [seen('card')],
  },
  {
    name: 'a tenth covered by a bar counts',
    html: link('bar', 'height:200px') + box('position:fixed;top:0;left:0;right:0;height:20px;background:#333', ''),
    expect: [seen('bar')],
  },
  ...['clip:rect(0 0 0 0)', 'clip-path:inset(50%)', 'clip-path:inset(100%)'].map((clip) => ({
    name: `for screen readers alone (${clip}) does not count`,
    html: link('skip', `position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;${clip}`) + link('wide', `position:absolute;${clip}`),
    expect: [],
  })),
  {
    name: 'clipped away, it counts from when it is not',
    html: link('skip', 'position:absolute;clip-path:inset(100%)'),
    look: 2800,
    tolerance: 1000,
    act: later('unclipped', () => {
      document.querySelector('a').style.clipPath = 'none';
    }),
    expect: [seen('skip', { since: 'unclipped' })],
  },
  {
    name: 'what the pointer does not find counts, and says that covers are unknown',
    html: box('pointer-events:none', link('untouchable')) + link('plain'),
    features: ['quality'],
    expect: [seen('untouchable'), seen('plain')],
    check: (observed) =>
      observed.map(({ label, quality }) => !!(quality & OCCLUSION_UNKNOWN) !== (label === 'untouchable') && `the doubts about ${label} are ${quality}`),
  },
  {
    name: 'an inert link counts, and says that covers are unknown',
    html: box('', link('inert')).replace('<div', '<div inert'),
    features: ['quality'],
    expect: [seen('inert')],
  },
  {
    name: 'behind an ancestor that paints nothing, it counts',
    html: box('position:relative;width:300px;height:100px', link('behind', 'position:absolute;inset:0;z-index:-1')),
    expect: [seen('behind')],
  },
  {
    name: 'a picture that the pointer does not find counts in its link',
    html: `<a href="https://example.org/p" data-eyeshot-link="picture"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="200" height="100" style="pointer-events:none"></a>`,
    expect: [seen('picture')],
  },
  {
    name: 'a link that is stretched over its card counts',
    html: box(
      'position:relative;width:300px;height:100px',
      `<style>a::after { content: ''; position: absolute; inset: 0 }</style><a href="https://example.org/s" data-eyeshot-link="stretched">A headline</a><p>and a teaser</p>`,
    ),
    expect: [seen('stretched')],
  },
];
