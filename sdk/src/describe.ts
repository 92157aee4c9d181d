/** An element and what happened to it in; a wire event out. */
import type { WireEvent } from './event';
import { hostOf } from './hostOf';
import type { Settings } from './readSettings';

export const WIDGET_ATTRIBUTE = 'data-eyeshot-widget';
const URL_CHARS_MAX = 2048;
const LABEL_CHARS_MAX = 256;
const WIDGET_CHARS_MAX = 64;

/** @param type without one it is an impression: of a link, or of a widget */
export function describe(element: Element, settings: Settings, type?: string, facts?: Partial<WireEvent>): WireEvent {
  const widget = findWidget(element) || settings._widget;
  const isLink = element.matches(settings._selector);
  const event: WireEvent = {
    et: type ?? (isLink ? 'link_impression' : 'widget_impression'),
    ts: Date.now(),
    pl: widget ? 'widget' : 'inline',
    ...facts,
  };
  if (isLink) {
    const { href } = element as HTMLAnchorElement | SVGAElement;
    if (href) event.l = (typeof href === 'string' ? href : new URL(href.baseVal, document.baseURI).href).slice(0, URL_CHARS_MAX);
    const label = element.getAttribute('data-eyeshot-link') || element.textContent?.replace(/\s+/g, ' ').trim();
    if (label) event.lb = cut(label, LABEL_CHARS_MAX);
  }
  if (widget) event.w = cut(widget, WIDGET_CHARS_MAX);
  return event;
}

/** The nearest one around it, also outside of its shadow tree. */
function findWidget(element: Element): string | null | undefined {
  const nearest = element.closest(`[${WIDGET_ATTRIBUTE}]`);
  const host = hostOf(element);
  return nearest ? nearest.getAttribute(WIDGET_ATTRIBUTE) : host && findWidget(host);
}

/** Half of a character, as from the middle of an emoji, is no text that a collector would take. */
function cut(text: string, chars: number): string {
  return text.slice(0, chars).replace(/\p{Surrogate}/gu, '');
}
