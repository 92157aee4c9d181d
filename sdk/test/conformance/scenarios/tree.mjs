/** Elements that come, go, change and hide in shadow trees. */
import { seen } from '../judge.mjs';
import { FAR, link } from './html.mjs';

const add = (html) => {
  const block = document.createElement('div');
  block.innerHTML = html;
  document.body.append(block);
};
const shadow = (mode, html) => {
  const host = document.body.appendChild(document.createElement('div'));
  host.attachShadow({ mode }).innerHTML = html;
};

export const tree = [
  {
    name: 'added later, it counts from then',
    html: '<p>Text</p>',
    async act(reader) {
      await reader.look(500);
      await reader.change('added', add, link('new'));
    },
    expect: [seen('new', { since: 'added' })],
  },
  {
    name: 'added as the element itself, it counts from then',
    html: '<p>Text</p>',
    async act(reader) {
      await reader.change('added', () => {
        const a = document.createElement('a');
        a.href = 'https://example.org/';
        a.dataset.eyeshotLink = 'bare';
        a.textContent = 'bare';
        document.body.append(a);
      });
    },
    expect: [seen('bare', { since: 'added' })],
  },
  {
    name: 'added below the fold, it counts when it is scrolled to',
    html: FAR,
    async act(reader) {
      await reader.change('added', add, link('new'));
      await reader.look(1300);
      await reader.scrollTo('new');
    },
    expect: [seen('new', { since: 'new' })],
  },
  {
    name: 'removed within its second, it does not count',
    html: link('gone'),
    async act(reader) {
      await reader.look(300);
      await reader.within(950, () => reader.tab.run(() => document.querySelector('a').remove()));
    },
    expect: [],
  },
  {
    name: 'an element of its own is another, though it has the same address',
    html: link('one', 'height:40px', 'https://example.org/same') + link('two', 'height:40px', 'https://example.org/same'),
    expect: [seen('one'), seen('two')],
  },
  {
    name: 'a list that is rendered anew counts the new elements',
    html: `<main>${link('old')}</main>`,
    async act(reader) {
      await reader.look(1300);
      await reader.change(
        'anew',
        (html) => {
          document.querySelector('main').innerHTML = html;
        },
        link('new'),
      );
    },
    expect: [seen('old'), seen('new', { since: 'anew' })],
  },
  {
    name: 'a recycled element with a new address counts again',
    features: ['recycled'],
    html: link('first', 'height:40px', 'https://example.org/1'),
    async act(reader) {
      await reader.look(1400);
      await reader.change('recycled', () => {
        const a = document.querySelector('a');
        a.href = 'https://example.org/2';
        a.dataset.eyeshotLink = 'second';
      });
    },
    look: 2800,
    tolerance: 1000,
    expect: [seen('first'), seen('second', { since: 'recycled' })],
  },
  {
    name: 'recycled within its second, the new address begins its own',
    features: ['recycled'],
    html: link('first', 'height:40px', 'https://example.org/1'),
    async act(reader) {
      await reader.look(400);
      await reader.within(950, () =>
        reader.change('recycled', () => {
          const a = document.querySelector('a');
          a.href = 'https://example.org/2';
          a.dataset.eyeshotLink = 'second';
        }),
      );
    },
    look: 2800,
    tolerance: 1000,
    expect: [seen('second', { since: 'recycled' })],
  },
  {
    name: 'in an open shadow root, it counts',
    features: ['shadow'],
    html: `<script>document.addEventListener('DOMContentLoaded', () => (${shadow})('open', ${JSON.stringify(link('inside'))}))</script>`,
    expect: [seen('inside')],
  },
  {
    name: 'in a shadow root that is added later, it counts from then',
    features: ['shadow'],
    html: '<p>Text</p>',
    async act(reader) {
      await reader.look(400);
      await reader.change('added', shadow, 'open', link('inside'));
    },
    expect: [seen('inside', { since: 'added' })],
  },
  {
    name: 'in a shadow root within a shadow root, it counts',
    features: ['shadow'],
    html: `<script>document.addEventListener('DOMContentLoaded', () => { const outer = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'open' }); const host = outer.appendChild(document.createElement('div')); host.attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(link('deep'))}; })</script>`,
    expect: [seen('deep')],
  },
  {
    name: 'in a declared shadow root, it counts',
    features: ['shadow'],
    html: `<div><template shadowrootmode="open">${link('declared')}</template></div>`,
    expect: [seen('declared')],
  },
  {
    name: 'a link slotted into a shadow root counts once',
    features: ['shadow'],
    html: `<div id="host">${link('slotted')}</div><script>document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<slot></slot>'</script>`,
    expect: [seen('slotted')],
  },
  {
    name: 'hundred links that are added one by one count once each',
    html: '<main></main>',
    async act(reader) {
      await reader.change('added', async () => {
        for (let i = 0; i < 100; i++) {
          const a = document.createElement('a');
          a.href = `https://example.org/${i}`;
          a.dataset.eyeshotLink = `n${i}`;
          a.textContent = i;
          a.style.cssText = 'display:inline-block;width:30px;height:12px;font-size:8px';
          document.querySelector('main').append(a);
          if (i % 10 === 9) await null;
        }
      });
    },
    look: 2000,
    expect: Array.from({ length: 100 }, (_, i) => seen(`n${i}`, { since: 'added' })),
  },
];
