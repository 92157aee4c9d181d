/** Browsers without IntersectionObserver, or with one that does not work. */
import { seen } from '../judge.mjs';
import { FAR, fixed, link } from './html.mjs';

const ABSENT = '<script>delete window.IntersectionObserver; delete window.IntersectionObserverEntry</script>';
const DUMB =
  '<script>window.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} takeRecords() { return []; } }</script>';
const base = { features: ['fallback'], before: ABSENT };

export const fallback = [
  { ...base, name: 'no observer: a link in view counts', html: link('a'), expect: [seen('a')] },
  { ...base, name: 'no observer: below the fold does not count', html: FAR + link('below'), expect: [] },
  {
    ...base,
    name: 'no observer: 47 % does not count, 53 % does',
    html:
      fixed('less', 'left:0;width:200px;height:200px;bottom:-106px') +
      fixed('more', 'left:300px;width:200px;height:200px;bottom:-94px'),
    expect: [seen('more')],
  },
  {
    ...base,
    name: 'no observer: scrolled to, it counts from then',
    html: FAR + link('below') + FAR,
    async act(reader) {
      await reader.look(400);
      await reader.scrollTo('below');
    },
    expect: [seen('below', { since: 'below' })],
  },
  {
    ...base,
    name: 'no observer: a short look does not count',
    html: FAR + link('below') + FAR,
    async act(reader) {
      await reader.glance('below', 600);
    },
    expect: [],
  },
  {
    ...base,
    name: 'no observer: scrolled out of a nested scroller does not count',
    html: `<div style="height:100px;overflow:auto"><div style="height:500px"></div>${link('inner')}</div>`,
    expect: [],
  },
  {
    ...base,
    name: 'no observer: in a nested scroller, scrolled to, it counts from then',
    html: `<div style="height:100px;overflow:auto"><div style="height:500px"></div>${link('inner')}<div style="height:500px"></div></div>`,
    async act(reader) {
      await reader.look(300);
      await reader.scrollTo('inner');
    },
    expect: [seen('inner', { since: 'inner' })],
  },
  {
    ...base,
    name: 'no observer: hidden tabs do not count',
    needs: ['hide'],
    html: link('a'),
    async act(reader) {
      await reader.look(400);
      await reader.within(950, reader.hide);
      await reader.look(1300);
      await reader.show();
    },
    expect: [seen('a', { since: 'shown' })],
  },
  {
    ...base,
    name: 'no observer: added later, it counts from then',
    html: '<p>Text</p>',
    async act(reader) {
      await reader.look(300);
      await reader.change(
        'added',
        (html) => {
          document.body.insertAdjacentHTML('beforeend', html);
        },
        link('new'),
      );
    },
    expect: [seen('new', { since: 'added' })],
  },
  {
    ...base,
    name: 'an observer that never answers: a link in view counts',
    before: DUMB,
    tolerance: 4000,
    look: 6000,
    html: link('a'),
    expect: [seen('a')],
  },
];
