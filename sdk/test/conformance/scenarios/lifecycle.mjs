/** Tabs that are hidden, frozen, restored, rendered before their time. */
import { seen } from '../judge.mjs';
import { FAR, link } from './html.mjs';

/** A tracker that names no page views is not asked for them. */
const twoViews = (observed) => [
  observed.some(({ view }) => view) && new Set(observed.map(({ view }) => view)).size !== 2 && 'it is not two page views',
];

export const lifecycle = [
  {
    name: 'a hidden tab does not count',
    needs: ['hide'],
    control: false,
    html: link('a'),
    async act(reader) {
      await reader.look(300);
      await reader.within(950, reader.hide);
      await reader.look(1800);
    },
    look: 0,
    expect: [],
  },
  {
    name: 'the second begins again when the tab is seen again',
    needs: ['hide'],
    html: link('a'),
    async act(reader) {
      await reader.look(500);
      await reader.within(950, reader.hide);
      await reader.look(800);
      await reader.show();
    },
    expect: [seen('a', { since: 'shown' })],
  },
  {
    name: 'three looks at the tab of 600 ms do not add up',
    needs: ['hide'],
    control: false,
    html: link('a'),
    duration: 1500,
    async act(reader) {
      for (let i = 0; i < 2; i++) {
        await reader.look(500);
        await reader.within(1450, reader.hide);
        await reader.look(200);
        await reader.show();
      }
      await reader.look(200);
      await reader.within(1450, reader.hide);
    },
    look: 1200,
    expect: [],
  },
  {
    name: 'a tab that was loaded in the background counts when it is seen',
    needs: ['background'],
    html: link('a'),
    async open(reader) {
      await reader.hide();
      await reader.go(reader.stage.url);
      await reader.look(1500);
      await reader.show();
    },
    expect: [seen('a', { since: 'shown' })],
  },
  {
    name: 'hidden within its second, below the fold on return, it does not count',
    needs: ['hide'],
    control: false,
    html: link('a') + FAR,
    async act(reader) {
      await reader.look(300);
      await reader.within(950, reader.hide);
      await reader.tab.run(() => scrollTo(0, 2000));
      await reader.look(300);
      await reader.show();
    },
    expect: [],
  },
  {
    name: 'a link that counted before does not count again when the tab returns',
    needs: ['hide'],
    html: link('a'),
    async act(reader) {
      await reader.look(1400);
      await reader.hide();
      await reader.look(300);
      await reader.show();
    },
    expect: [seen('a')],
  },
  {
    name: 'a reload is a new page view',
    html: link('a'),
    async act(reader) {
      await reader.look(1400);
      await reader.reload();
    },
    expect: [seen('a'), seen('a', { since: '/#2' })],
    features: ['views'],
    check: twoViews,
  },
  {
    name: 'left within its second, it does not count',
    html: link('a'),
    control: false,
    async act(reader) {
      await reader.look(250);
      await reader.within(950, () => reader.go(reader.stage.bare('/next', 'Next')));
    },
    expect: [],
  },
  {
    name: 'back from the next page is a new page view',
    html: link('a'),
    async act(reader) {
      await reader.look(1400);
      await reader.go(reader.stage.bare('/next', 'Next'));
      await reader.look(200);
      await reader.back('/');
    },
    expect: [seen('a'), seen('a', { since: 'restored' })],
    features: ['views'],
    check: twoViews,
  },
  {
    name: 'time before the next page does not count after the return',
    html: link('a'),
    async act(reader) {
      await reader.look(500);
      await reader.within(950, () => reader.go(reader.stage.bare('/next', 'Next')));
      await reader.look(600);
      await reader.back('/');
    },
    expect: [seen('a', { since: 'restored' })],
  },
  {
    name: 'a tab that is frozen for two seconds is credited nothing for them',
    needs: ['hide', 'freeze'],
    html: link('a'),
    async act(reader) {
      await reader.look(300);
      await reader.within(950, reader.hide);
      await reader.tab.freeze(2000);
      await reader.show();
    },
    look: 2000,
    expect: [seen('a', { since: 'shown' })],
  },
  {
    name: 'a prerendered page counts from its activation',
    needs: ['prerender'],
    html: ({ page }) =>
      `<script type="speculationrules">{"prerender":[{"source":"list","urls":["${page('/next', link('next'))}"],"eagerness":"immediate"}]}</script>${link('a')}<a id="go" href="/next">go</a>`,
    async act(reader) {
      await reader.look(2500);
      await reader.tab.click('#go');
    },
    expect: [seen('a'), seen('next', { since: '/next' })],
    features: ['views'],
    check: twoViews,
  },
  {
    name: 'a new address by pushState is a new page view',
    features: ['spa'],
    html: `<nav>${link('menu')}</nav><main>${link('one')}</main>`,
    async act(reader) {
      await reader.look(1400);
      await reader.change(
        'routed',
        (html) => {
          history.pushState({}, '', '/second');
          document.querySelector('main').innerHTML = html;
        },
        link('two'),
      );
    },
    expect: [seen('menu'), seen('one'), seen('menu', { since: 'routed' }), seen('two', { since: 'routed' })],
    check: twoViews,
  },
  {
    name: 'another hash alone is no new page view',
    features: ['spa'],
    html: link('a'),
    async act(reader) {
      await reader.look(1400);
      await reader.tab.run(() => {
        location.hash = 'part';
      });
    },
    expect: [seen('a')],
  },
];
