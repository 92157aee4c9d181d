/** How much of a link must be in view. */
import { seen } from '../judge.mjs';
import { FAR, fixed, link } from './html.mjs';

const HALF_OUT = 'left:0;width:200px;height:200px';

export const ratio = [
  { name: 'a link in view counts after a second', html: link('a'), expect: [seen('a')] },
  { name: 'a link below the fold does not count', html: FAR + link('below'), expect: [] },
  {
    name: 'a link above the view does not count',
    html: link('above') + FAR,
    async act({ tab }) {
      await tab.run(() => scrollTo(0, 2000));
    },
    duration: 1500,
    look: 2200,
    expect: [],
  },
  { name: '47 % of the area does not count', html: fixed('less', `${HALF_OUT};bottom:-106px`), expect: [] },
  { name: '53 % of the area counts', html: fixed('more', `${HALF_OUT};bottom:-94px`), expect: [seen('more')] },
  { name: 'exactly half counts', html: fixed('half', `${HALF_OUT};bottom:-100px`), expect: [seen('half')] },
  {
    name: 'half on a fraction of a pixel counts',
    html: fixed('half', 'left:0;width:200px;height:33px;bottom:-16.5px'),
    expect: [seen('half')],
  },
  {
    name: 'half of a text line at odd fractions counts',
    html: fixed('half', 'left:0.3px;width:199.7px;height:21.4px;bottom:-10.7px'),
    expect: [seen('half')],
  },
  {
    name: '60 % within the left edge counts, 40 % does not',
    html:
      fixed('sixty', 'left:-80px;width:200px;top:0;height:40px') + fixed('forty', 'left:-120px;width:200px;top:60px;height:40px'),
    expect: [seen('sixty')],
  },
  {
    name: 'a corner of 70 % by 70 % is less than half',
    html: fixed('corner', 'left:-60px;width:200px;bottom:-60px;height:200px'),
    expect: [],
  },
  {
    name: 'a corner of 75 % by 75 % is more than half',
    html: fixed('corner', 'left:-50px;width:200px;bottom:-50px;height:200px'),
    expect: [seen('corner')],
  },
  {
    name: 'a link of one pixel counts',
    html: fixed('tiny', 'left:0;top:0;width:1px;height:1px;overflow:hidden'),
    expect: [seen('tiny')],
  },
  { name: 'no height never counts', html: link('flat', 'height:0;overflow:hidden'), expect: [] },
  { name: 'no width never counts', html: link('thin', 'width:0;height:40px;overflow:hidden'), expect: [] },
  {
    name: 'no area at the edge of the view never counts',
    html: fixed('edge', 'left:0;bottom:0;width:100px;height:0;overflow:hidden'),
    expect: [],
  },
  {
    name: 'what grows from nothing counts from then on',
    html: link('grown', 'height:0;overflow:hidden'),
    async act(reader) {
      await reader.look(700);
      await reader.change('grown', () => {
        document.querySelector('a').style.height = '40px';
      });
    },
    // Nothing tells of the growth of what has no area: it is found out when its second would be over.
    look: 2800,
    tolerance: 1000,
    expect: [seen('grown', { since: 'grown' })],
  },
  {
    name: 'a share of 90 % is a setting',
    options: { threshold: 0.9 },
    html:
      fixed('most', 'left:0;width:200px;height:200px;bottom:-30px') + fixed('whole', 'left:300px;top:0;width:90px;height:40px'),
    expect: [seen('whole')],
  },
  {
    name: 'a share of 100 % is reached on fractions of a pixel',
    options: { threshold: 1 },
    html: fixed('whole', 'left:10.3px;top:20.7px;width:99.9px;height:33.3px'),
    expect: [seen('whole')],
  },
  {
    name: 'taller than the view counts when it fills half of the view',
    html: `${FAR}<div style="height:100vh"></div>${link('tall', 'height:20000px;width:100%')}`,
    async act(reader) {
      await reader.scrollTo('tall', 'start');
    },
    expect: [seen('tall', { since: 'tall', need: 0.01 })],
  },
  {
    name: 'taller than the view does not count on a third of the view',
    html: `${FAR}${link('tall', 'height:20000px;width:100%')}`,
    async act(reader) {
      await reader.change('tall', () => {
        const { top } = document.querySelector('a').getBoundingClientRect();
        scrollTo(0, scrollY + top - innerHeight * 0.67);
      });
    },
    expect: [],
  },
  {
    name: 'a large one counts with 30 %',
    html: `${FAR}${link('large', 'height:110vh;width:100%')}${FAR}`,
    async act(reader) {
      await reader.change('large', () => {
        const { top, height } = document.querySelector('a').getBoundingClientRect();
        scrollTo(0, scrollY + top - innerHeight + height * 0.33);
      });
    },
    expect: [seen('large', { since: 'large', need: 0.3 })],
  },
  {
    name: 'a large one does not count with 25 %',
    html: `${FAR}${link('large', 'height:110vh;width:100%')}${FAR}`,
    async act(reader) {
      await reader.change('large', () => {
        const { top, height } = document.querySelector('a').getBoundingClientRect();
        scrollTo(0, scrollY + top - innerHeight + height * 0.25);
      });
    },
    expect: [],
  },
  {
    name: 'a page of fifty links counts each once',
    html: Array.from({ length: 50 }, (_, i) => link(`l${i}`, 'height:9px;font-size:7px;line-height:9px')).join(''),
    expect: Array.from({ length: 50 }, (_, i) => seen(`l${i}`)),
  },
];
