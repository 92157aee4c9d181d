/** An element and its visible boxes in; the share of sampled points where nothing opaque is on top of it out, −1: unknown. */
import { isShown } from './assessElement';
import { hostOf } from './hostOf';
import type { Box } from './measure';

const BOXES_MAX = 5;
/** A line of text needs one row of points. */
const LOW_PX = 30;

export function probe(element: Element, boxes: Box[], points: number): number {
  let hits = 0;
  let covers = 0;
  let misses = 0;
  const outer = outermost(element);
  for (const { x, y, width, height } of boxes.slice(0, BOXES_MAX)) {
    const rows = height < LOW_PX ? 1 : points;
    for (let i = 0; i < points * rows; i++) {
      const found = look(outer, x + (width * ((i % points) + 0.5)) / points, y + (height * (((i / points) | 0) + 0.5)) / rows);
      if (found > 0) hits++;
      if (found < 0) covers++;
      if (found === 0) misses++;
    }
  }
  return hits + covers ? hits / (hits + covers) : misses && isFindable(element, outer) ? 0 : -1;
}

/** Whether the pointer would find it if it were painted; it is clipped away, then. A figure in SVG is painted here and there. */
function isFindable(element: Element, outer: Element): boolean {
  return (
    element instanceof HTMLElement &&
    getComputedStyle(element).pointerEvents !== 'none' &&
    !outer.closest('[inert]') &&
    !document.querySelector('dialog[open]')
  );
}

/** 1: it is on top there; −1: something else is; 0: it is not painted there, or the pointer does not find it; NaN: out of view. */
function look(outer: Element, x: number, y: number): number {
  // Mostly nothing is on top, and the first hit is far cheaper than all of them.
  if (outer.contains(document.elementFromPoint(x, y))) return 1;
  const hits = document.elementsFromPoint(x, y);
  const at = hits.findIndex((hit) => outer.contains(hit));
  for (const [i, hit] of hits.entries()) {
    if (i === at) return 1;
    // Ancestors are below it, but for one with a negative z-index.
    if (hit.contains(outer)) {
      if (at < 0) return 0;
    } else if (isOpaque(hit, x, y)) return -1;
  }
  return NaN;
}

/** A whole shadow tree is one element to the document. */
function outermost(element: Element): Element {
  const host = hostOf(element);
  return host ? outermost(host) : element;
}

/** Pages lay transparent links over whole cards: what paints nothing hides nothing. A dialog's backdrop is hit as the dialog. */
function isOpaque(element: Element, x: number, y: number): boolean {
  const { left, top: above, right, bottom } = element.getBoundingClientRect();
  if (x < left || x > right || y < above || y > bottom) return false;
  const { backgroundColor, backgroundImage } = getComputedStyle(element);
  const paints = backgroundImage !== 'none' || !/^(transparent|rgba\(.*, 0(\.[0-4]\d*)?\))$/.test(backgroundColor);
  return isShown(element) && (paints || /^(img|picture|video|canvas|iframe|embed|object|svg)$/i.test(element.localName));
}
