/** Nothing in; the quality bits that hold for the whole tab out. Only the top-level page can tell them. */
import { QUALITY } from './event';

export function assessTab(): number {
  const zoomed = (window.visualViewport?.scale ?? 1) > 1 ? QUALITY.pinch_zoomed : 0;
  return document.hasFocus() ? zoomed : zoomed | QUALITY.no_focus;
}
