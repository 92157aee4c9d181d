/** Rules of single elements. */
import { seen } from '../judge.mjs';
import { FAR, fixed, link } from './html.mjs';

const with_ = (html, attributes) => html.replace('<a ', `<a ${attributes} `);

export const rules = [
  {
    name: 'a link with a time of its own',
    features: ['rules'],
    html: with_(link('quick'), 'data-eyeshot-duration-ms="300"') + link('usual'),
    expect: [seen('quick', { duration: 300 }), seen('usual')],
  },
  {
    name: 'a link with a longer time of its own',
    features: ['rules'],
    html: with_(link('slow'), 'data-eyeshot-duration-ms="2000"') + link('usual'),
    look: 2600,
    expect: [seen('usual'), seen('slow', { duration: 2000 })],
  },
  {
    name: 'a link with a share of its own',
    features: ['rules'],
    html:
      with_(fixed('strict', 'left:0;bottom:-40px;width:200px;height:200px'), 'data-eyeshot-threshold="0.9"') +
      with_(fixed('easy', 'left:300px;bottom:-140px;width:200px;height:200px'), 'data-eyeshot-threshold="0.2"'),
    expect: [seen('easy', { need: 0.2 })],
  },
  {
    name: 'several rules of one link, each an event of its own',
    features: ['rules'],
    html: with_(link('both'), 'data-eyeshot-rules="0.5 300, 1 1400 link_read"'),
    look: 2000,
    expect: [seen('both', { duration: 300 }), seen('both', { duration: 1400, need: 1, type: 'link_read' })],
  },
  {
    name: 'a link that counts each time it comes back',
    features: ['rules'],
    html: with_(link('again'), 'data-eyeshot-repeat') + FAR,
    async act(reader) {
      await reader.look(1500);
      await reader.tab.run(() => scrollTo(0, 2000));
      await reader.look(300);
      await reader.change('back', () => scrollTo(0, 0));
    },
    expect: [seen('again'), seen('again', { since: 'back' })],
  },
  {
    name: 'visible_ms adds up what was seen before',
    features: ['rules'],
    html: FAR + link('below') + FAR,
    async act(reader) {
      await reader.glance('below', 600);
      await reader.look(200);
      await reader.scrollTo('below');
    },
    expect: [seen('below', { since: 'below' })],
    check: ([event]) => [event && event.ms < 1500 && `it was visible for ${event.ms} ms alone`],
  },
];
