/** An element that is in view in; quality bits out, or −1 when CSS, zoom or something on top hides what a rule needs. */
import { QUALITY } from './event';
import { hostOf } from './hostOf';
import { area, intersect, isBoxless, isEnough, type Measure, ownViewport, shareOf, shift } from './measure';
import type { Observed } from './observe';
import { probe } from './probe';

/** Its last measure tells what its ancestors clip; `points`: how many are sampled in each direction. */
export function assessElement({ _element, _box, _clip, _share }: Observed & Measure, need: number, points: number): number {
  const now = _element.getBoundingClientRect();
  if (!area(now) || !isShown(_element)) return -1;
  const scale = window.visualViewport?.scale ?? 1;
  const lines = [..._element.getClientRects()];
  const boxless = isBoxless(_element, _box);
  // It may have been scrolled since, by less than a step of the observer.
  let visible = intersect(now, boxless ? ownViewport() : shift(_clip, _box, now));
  let quality = 0;
  if (scale > 1) {
    const { offsetLeft, offsetTop, width, height } = window.visualViewport!;
    quality = QUALITY.pinch_zoomed;
    visible = intersect(visible, { x: offsetLeft, y: offsetTop, width, height });
  }
  // On fractions of pixels, the observer is right, and geometry is only where it has to be.
  const share = boxless || scale > 1 ? Math.min(_share, shareOf(lines, visible)) : _share;
  const uncovered = probe(_element, lines.map((line) => intersect(line, visible)).filter(area), points);
  if (uncovered < 0 || self !== top) quality |= QUALITY.occlusion_unknown;
  return isEnough(uncovered < 0 ? share : share * uncovered, need) ? quality : -1;
}

/** Older browsers have no checkVisibility(): `visibility` is inherited, `opacity` must be looked for. */
export function isShown(element: Element): boolean {
  if (element.checkVisibility) {
    return element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, contentVisibilityAuto: true });
  }
  for (let each: Element | undefined = element; each; each = each.parentElement ?? hostOf(each)) {
    const { opacity, visibility } = getComputedStyle(each);
    if (opacity === '0' || (each === element && visibility !== 'visible')) return false;
  }
  return true;
}
