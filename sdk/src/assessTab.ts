/** Nothing in; the quality bits that hold for the whole tab out. Only the top-level page can tell them. */
import { NO_FOCUS, PINCH_ZOOMED } from './quality';

export function assessTab(): number {
  const zoomed = (window.visualViewport?.scale ?? 1) > 1 ? PINCH_ZOOMED : 0;
  return document.hasFocus() ? zoomed : zoomed | NO_FOCUS;
}
