/** How long a link must be in view, and without a break. */
import { seen } from '../judge.mjs';
import { FAR, fixed, link } from './html.mjs';

const LATE_TIMER = 8;
const BELOW = FAR + link('below') + FAR;

export const time = [
  {
    name: 'scrolled to, it counts a second from then',
    html: BELOW,
    async act(reader) {
      await reader.look(600);
      await reader.scrollTo('below');
    },
    expect: [seen('below', { since: 'below' })],
  },
  {
    name: 'a look of 600 ms does not count',
    html: BELOW,
    async act(reader) {
      await reader.glance('below', 600);
    },
    expect: [],
  },
  {
    name: 'three looks of 500 ms do not add up',
    html: BELOW,
    async act(reader) {
      for (let i = 0; i < 3; i++) {
        await reader.glance('below', 500);
        await reader.look(150);
      }
    },
    expect: [],
  },
  {
    name: 'after a short look, the second begins again',
    html: BELOW,
    async act(reader) {
      await reader.glance('below', 700);
      await reader.look(300);
      await reader.scrollTo('below');
    },
    expect: [seen('below', { since: 'below' })],
  },
  { name: 'a link counts once, however long it stays', html: link('a'), look: 3600, expect: [seen('a')] },
  {
    name: 'a link counts once, however often it comes back',
    html: link('a') + FAR,
    async act(reader) {
      await reader.look(1500);
      for (let i = 0; i < 2; i++) {
        await reader.tab.run(() => scrollTo(0, 2000));
        await reader.look(200);
        await reader.scrollUp();
        await reader.look(1300);
      }
    },
    expect: [seen('a')],
  },
  { name: 'a second is a setting: 1,700 ms', duration: 1700, html: link('a'), look: 2300, expect: [seen('a')] },
  {
    name: 'a second is a setting: 200 ms',
    duration: 200,
    html: BELOW,
    async act(reader) {
      await reader.scrollTo('below');
    },
    look: 700,
    expect: [seen('below', { since: 'below' })],
  },
  {
    name: 'scrolling within the view is no break',
    html: link('a', 'margin-top:300px;height:60px') + FAR,
    async act(reader) {
      for (let i = 1; i <= 8; i++) {
        await reader.tab.run((y) => scrollTo(0, y), i * 20);
        await reader.look(80);
      }
    },
    expect: [seen('a')],
  },
  {
    name: 'falling below half for a moment is a break',
    html: fixed('sinking', 'left:0;bottom:0;width:100px;height:100px'),
    async act(reader) {
      await reader.look(400);
      await reader.within(950, () =>
        reader.change('down', () => {
          document.querySelector('a').style.bottom = '-70px';
        }),
      );
      await reader.look(100);
      await reader.change('up', () => {
        document.querySelector('a').style.bottom = '0';
      });
    },
    expect: [seen('sinking', { since: 'up' })],
  },
  {
    name: 'below half and back between two frames is no break',
    html: fixed('steady', 'left:0;bottom:0;width:100px;height:100px'),
    async act(reader) {
      await reader.look(400);
      await reader.tab.run(() => {
        const { style } = document.querySelector('a');
        style.bottom = '-70px';
        void document.body.offsetHeight;
        style.bottom = '0';
      });
    },
    expect: [seen('steady')],
  },
  {
    name: 'passing through the view in 700 ms does not count',
    html: `${fixed('passing', 'left:0;top:0;width:100px;height:40px;animation:pass 1.2s linear both')}<style>@keyframes pass { from { transform: translateY(-300px) } 25% { transform: translateY(0) } 75% { transform: translateY(200px) } to { transform: translateY(3000px) } }</style>`,
    expect: [],
  },
  {
    name: 'moving within the view counts',
    html: `${fixed('moving', 'left:0;top:0;width:100px;height:40px;animation:move 3s linear both')}<style>@keyframes move { to { transform: translate(200px, 100px) } }</style>`,
    expect: [seen('moving')],
  },
  {
    name: 'a blocked page is credited nothing for the gap',
    html: link('a'),
    async act(reader) {
      await reader.look(200);
      await reader.block(1600);
    },
    look: 2000,
    expect: [seen('a', { since: 'freed' })],
    check: ([event]) => [event?.quality !== undefined && !(event.quality & LATE_TIMER) && 'the late timer is not in its quality'],
  },
  {
    name: 'a blocked page does not count what was scrolled away before',
    html: link('a') + FAR,
    async act(reader) {
      await reader.look(300);
      await reader.within(950 + 1500, () =>
        reader.tab.run(() => {
          scrollTo(0, 2000);
          window.journal.block(1500);
        }),
      );
    },
    control: false,
    expect: [],
  },
  {
    name: 'removed and put back within its second, it begins again',
    html: `<main>${link('a')}</main>`,
    async act(reader) {
      await reader.look(400);
      await reader.within(950, () =>
        reader.tab.run(() => {
          window.kept = document.querySelector('a');
          kept.remove();
        }),
      );
      await reader.look(150);
      await reader.change('back', () => document.querySelector('main').append(window.kept));
    },
    expect: [seen('a', { since: 'back' })],
  },
];
