/** dist/eyeshot-debug.js: outlines what is tracked on this page, with its share and its clock, until it is closed by Escape. */
import type { Inspection } from './inspect';

const LOOK_MS = 200;
const COLOURS = { waiting: '#888', running: '#d80', hidden: '#c22', counted: '#080' };

interface Outline {
  box: HTMLElement;
  label: HTMLElement;
}

const layer = document.createElement('div');
layer.style.cssText = 'all:initial;position:fixed;inset:0;pointer-events:none;z-index:2147483647';
const shadow = layer.attachShadow({ mode: 'closed' });
const outlines = new Map<Element, Outline>();

function inspect(element: Element): Inspection | undefined {
  return (window as unknown as { eyeshot?: { inspect(element: Element): Inspection | undefined } }).eyeshot?.inspect(element);
}

function allElements(root: ParentNode): Element[] {
  return [...root.querySelectorAll('*')].flatMap((each) => (each.shadowRoot ? [each, ...allElements(each.shadowRoot)] : [each]));
}

function draw(element: Element, { share, rules }: Inspection): void {
  const { box, label } = outlines.get(element) ?? addOutline(element);
  const { x, y, width, height } = element.getBoundingClientRect();
  const state = (['running', 'hidden', 'waiting', 'counted'] as const).find((each) => rules.some((rule) => rule.state === each))!;
  box.style.cssText = `position:fixed;box-sizing:border-box;left:${x}px;top:${y}px;width:${width}px;height:${height}px;border:2px solid ${COLOURS[state]}`;
  label.style.cssText = `position:absolute;right:0;top:0;font:11px/1.3 monospace;color:#fff;background:${COLOURS[state]};padding:0 3px;white-space:pre`;
  const clocks = rules.map(({ type, need, ms, needMs, state: each }) => {
    const clock = each === 'running' ? `${Math.round(ms)}/${needMs} ms` : each;
    return `${type ? `${type} ` : ''}${Math.round(share * 100)}/${Math.round(need * 100)} % ${clock}`;
  });
  label.textContent = clocks.join('\n');
}

function addOutline(element: Element): Outline {
  const outline = { box: document.createElement('div'), label: document.createElement('div') };
  outline.box.append(outline.label);
  shadow.append(outline.box);
  outlines.set(element, outline);
  return outline;
}

function look(): void {
  const tracked = new Map<Element, Inspection>();
  for (const each of allElements(document)) {
    const inspection = inspect(each);
    if (inspection) tracked.set(each, inspection);
  }
  for (const [element, { box }] of outlines) {
    if (tracked.has(element)) continue;
    box.remove();
    outlines.delete(element);
  }
  tracked.forEach((inspection, element) => draw(element, inspection));
}

document.documentElement.append(layer);
const timer = setInterval(look, LOOK_MS);
addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  clearInterval(timer);
  layer.remove();
});
