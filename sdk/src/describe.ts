/** An element and what happened to it in; a wire event out. */
import type { WireEvent } from './event';
import type { Settings } from './readSettings';

export const WIDGET_ATTRIBUTE = 'data-eyeshot-widget';

export function describe(element: Element, settings: Settings, facts: Partial<WireEvent>): WireEvent {
  const widget = element.closest(`[${WIDGET_ATTRIBUTE}]`)?.getAttribute(WIDGET_ATTRIBUTE) || settings._widget;
  const event: WireEvent = { et: 'widget_impression', ts: Date.now(), pl: widget ? 'widget' : 'inline' };
  if (element.matches(settings._selector)) {
    event.et = 'link_impression';
    const { href } = element as HTMLAnchorElement;
    if (href) event.l = String(href).slice(0, 2048);
    const label = element.getAttribute('data-eyeshot-link') || element.textContent?.replace(/\s+/g, ' ').trim();
    if (label) event.lb = label.slice(0, 256);
  }
  if (widget) event.w = widget.slice(0, 64);
  return Object.assign(event, facts);
}
