/** Shapes that a box does not tell: lines, columns, figures. */
import { seen } from '../judge.mjs';
import { FAR, box, link } from './html.mjs';

const inline = (label, text = 'a link whose text is long enough for two lines') =>
  `<a href="https://example.org/${label}" data-eyeshot-link="${label}">${text}</a>`;

export const layout = [
  {
    name: 'an inline link in a paragraph counts',
    html: `<p>Some text with ${inline('inline', 'a link')} in it.</p>`,
    expect: [seen('inline')],
  },
  {
    name: 'an inline link that wraps counts when both lines are in view',
    html: `<p style="width:260px;font:20px/30px monospace">Some words before ${inline('wrapped')}</p>`,
    expect: [seen('wrapped')],
  },
  {
    name: 'a wrapped link whose text is mostly below the fold does not count',
    html: `<p style="position:fixed;left:0;bottom:-40px;width:640px;margin:0;font:30px/40px monospace"><span style="display:inline-block;width:600px"></span> <a href="https://example.org/" data-eyeshot-link="wrapped"><span style="display:inline-block;width:20px"></span> a wrapped link whose text </a></p>`,
    expect: [],
  },
  {
    name: 'a wrapped link whose text is mostly in view counts',
    html: `<p style="position:fixed;left:0;bottom:-40px;width:640px;margin:0;font:30px/40px monospace"><a href="https://example.org/" data-eyeshot-link="wrapped"><span style="display:inline-block;width:600px"></span> <span style="display:inline-block;width:60px"></span></a></p>`,
    expect: [seen('wrapped')],
  },
  {
    name: 'a wrapped link is not covered by the text between its lines',
    html: `<p style="width:300px;font:20px/30px monospace">Before it a few more words ${inline('wrapped', 'which end here')} and on.</p>`,
    expect: [seen('wrapped')],
  },
  {
    name: 'a link around a picture counts',
    html: `<a href="https://example.org/p" data-eyeshot-link="picture"><svg width="200" height="100"><rect width="200" height="100" fill="teal"/></svg></a>`,
    expect: [seen('picture')],
  },
  {
    name: 'a link around blocks counts',
    html: `<a href="https://example.org/c" data-eyeshot-link="card"><div style="height:80px">A headline</div><div style="height:40px">and a teaser</div></a>`,
    expect: [seen('card')],
  },
  {
    name: 'a link in an SVG counts',
    html: `<svg width="300" height="100"><a href="https://example.org/s" data-eyeshot-link="svg"><rect width="200" height="60" fill="teal"/></a></svg>`,
    expect: [seen('svg')],
  },
  {
    name: 'a link in a table cell counts',
    html: `<table><tr><td>${inline('cell', 'in a cell')}</td></tr></table>`,
    expect: [seen('cell')],
  },
  {
    name: 'a link in columns counts',
    html: box('columns:2;width:600px', `<p>Words before it</p><p>${inline('column', 'in a column')}</p>`),
    expect: [seen('column')],
  },
  {
    name: 'a sticky header counts once',
    html: link('sticky', 'position:sticky;top:0;height:40px') + FAR,
    async act(reader) {
      await reader.look(1300);
      await reader.tab.run(() => scrollTo(0, 1500));
    },
    expect: [seen('sticky')],
  },
  { name: 'from right to left counts', html: `<div dir="rtl">${inline('rtl', 'a link')} text</div>`, expect: [seen('rtl')] },
  {
    name: 'display contents has no box and does not count',
    html: `<a href="https://example.org/d" data-eyeshot-link="contents" style="display:contents">text</a>`,
    expect: [],
  },
  {
    name: 'a pinch that zooms past a link does not count it',
    needs: ['pinch'],
    html: link('corner', 'position:absolute;right:0;top:500px;width:60px;height:20px') + FAR,
    duration: 1500,
    look: 2200,
    async open(reader) {
      await reader.tab.go(reader.stage.url);
      await reader.ready();
      await reader.tab.pinch(4);
    },
    control: false,
    expect: [],
  },
  {
    name: 'what a pinch zooms to counts, and says so',
    needs: ['pinch'],
    html: link('near', 'position:absolute;left:0;top:0;width:60px;height:20px'),
    features: ['quality'],
    async act(reader) {
      await reader.look(150);
      await reader.tab.pinch(2);
    },
    expect: [seen('near')],
    check: ([event]) => [!(event?.quality & 2) && 'pinch_zoomed is not in its quality'],
  },
];
