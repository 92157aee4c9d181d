/** Clicks of a person on tracked links. */
import { clicked } from '../judge.mjs';
import { link } from './html.mjs';

const at = (href = '#here') => link('a', 'height:40px', href);
const base = { duration: 60_000, look: 300, features: ['clicks'], control: false };

export const clicks = [
  {
    ...base,
    name: 'a left click counts',
    html: at(),
    async act({ tab }) {
      await tab.click('a');
    },
    expect: [clicked('a')],
  },
  {
    ...base,
    name: 'a click that leaves the page counts',
    html: ({ bare }) => at(bare('/next', 'Next')),
    async act({ tab }) {
      await tab.click('a');
    },
    expect: [clicked('a')],
  },
  {
    ...base,
    name: 'a middle click counts once',
    html: at('about:blank'),
    async act({ tab }) {
      await tab.click('a', { button: 'middle' });
    },
    expect: [clicked('a')],
  },
  {
    ...base,
    name: 'a right click does not count',
    needs: ['right click'],
    html: at(),
    async act({ tab }) {
      await tab.click('a', { button: 'right' });
    },
    expect: [],
  },
  {
    ...base,
    name: 'Enter on the link counts',
    html: at(),
    async act({ tab }) {
      await tab.run(() => document.querySelector('a').focus());
      await tab.press('Enter');
    },
    expect: [clicked('a')],
  },
  {
    ...base,
    name: 'a click by a script does not count',
    html: at(),
    async act({ tab }) {
      await tab.run(() => document.querySelector('a').click());
    },
    expect: [],
  },
  {
    ...base,
    name: 'a click on what is in the link counts',
    html: at().replace('>a<', '><b id="in">a</b><'),
    async act({ tab }) {
      await tab.click('#in');
    },
    expect: [clicked('a')],
  },
  {
    ...base,
    name: 'two clicks count twice',
    html: at(),
    async act({ tab }) {
      await tab.click('a');
      await tab.click('a');
    },
    expect: [clicked('a'), clicked('a')],
  },
  {
    ...base,
    name: 'a click that the page stops counts',
    html: `${at()}<script>document.querySelector('a').addEventListener('click', (event) => { event.preventDefault(); event.stopImmediatePropagation(); })</script>`,
    async act({ tab }) {
      await tab.click('a');
    },
    expect: [clicked('a')],
  },
  {
    ...base,
    name: 'a click beside the link does not count',
    html: `${at()}<p id="beside">text</p>`,
    async act({ tab }) {
      await tab.click('#beside');
    },
    expect: [],
  },
  {
    ...base,
    name: 'a click on a link in a shadow root counts',
    features: ['clicks', 'shadow'],
    html: `<div id="host"><template shadowrootmode="open">${at()}</template></div>`,
    async act({ tab }) {
      await tab.click('#host');
    },
    expect: [clicked('a')],
  },
];
