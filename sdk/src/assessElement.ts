/** An element that is in view in; quality bits out, or −1 when CSS, zoom or something on top hides what a rule needs. */
import { QUALITY } from './event';
import { area, intersect, isBoxless, isEnough, ownViewport, shareOf, shift } from './measure';
import { probe } from './probe';

/** The last entry tells what its ancestors clip; `points`: how many are sampled in each direction. */
export function assessElement(entry: IntersectionObserverEntry, share: number, need: number, points: number): number {
  const { target, intersectionRect: clip, boundingClientRect: then } = entry;
  const now = target.getBoundingClientRect();
  if (!area(now) || !isShown(target)) return -1;
  const scale = window.visualViewport?.scale ?? 1;
  const lines = [...target.getClientRects()];
  const boxless = isBoxless(entry);
  // It may have been scrolled since, by less than a step of the observer.
  let visible = intersect(now, boxless ? ownViewport() : shift(clip, then, now));
  let quality = 0;
  if (scale > 1) {
    const { offsetLeft, offsetTop, width, height } = window.visualViewport!;
    quality = QUALITY.pinch_zoomed;
    visible = intersect(visible, { x: offsetLeft, y: offsetTop, width, height });
  }
  // On fractions of pixels, the observer is right, and geometry is only where it has to be.
  if (boxless || scale > 1) share = Math.min(share, shareOf(lines, visible));
  const uncovered = probe(target, lines.map((line) => intersect(line, visible)).filter(area), points);
  if (uncovered < 0 || self !== top) quality |= QUALITY.occlusion_unknown;
  return isEnough(uncovered < 0 ? share : share * uncovered, need) ? quality : -1;
}

/** Older browsers have no checkVisibility(): `visibility` is inherited, `opacity` must be looked for. */
export function isShown(element: Element): boolean {
  if (element.checkVisibility) {
    return element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, contentVisibilityAuto: true });
  }
  for (let each: Element | null = element; each; each = each.parentElement) {
    const { opacity, visibility } = getComputedStyle(each);
    if (opacity === '0' || (each === element && visibility !== 'visible')) return false;
  }
  return true;
}
