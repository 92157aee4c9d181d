/** An observer's entry in; how much of its target could be seen, and what a rule needs of it, out. */

/** From here on a target is large, and 30 % of it are enough (242,500 px² is the MRC's large display ad). */
const LARGE_PX2 = 242_500;
const LARGE_SHARE = 0.3;
/** A target taller than the viewport is also seen once it covers this share of the viewport. */
const VIEWPORT_SHARE = 0.5;
/** Ratios are computed on rounded edges: 0.001 below a threshold of one half still counts. */
const ROUNDING = 0.998;

/** In CSS px, from the top left of the viewport. */
export type Box = Pick<DOMRectReadOnly, 'x' | 'y' | 'width' | 'height'>;

export interface Measure {
  /** All of the target, and what its ancestors leave of it. */
  _box: Box;
  _clip: Box;
  /** Visible share of the target's area. */
  _share: number;
  /** It is an inline box of several lines: its share can change while the observer's ratio does not. */
  _wrapped: boolean;
  /** In view, but without an area, whose growth no observer would tell. */
  _empty: boolean;
}

const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };
export const UNMEASURED: Measure = { _box: NOWHERE, _clip: NOWHERE, _share: 0, _wrapped: false, _empty: false };

/** Reads each field of the entry once: browsers make a rectangle anew whenever they are asked for it. */
export function measure(entry: IntersectionObserverEntry): Measure {
  const { target, boundingClientRect: _box, intersectionRect: _clip, intersectionRatio, isIntersecting } = entry;
  // WebKit has no box for a link in SVG, though it has one: the viewport clips it, as far as anybody knows.
  const boxless = isIntersecting && isBoxless(target, _box);
  const share = boxless ? shareOf([target.getBoundingClientRect()], ownViewport()) : area(_clip) && intersectionRatio;
  const lines = !boxless && share > 0 && share < 1 ? linesOf(target, _box) : [];
  const _wrapped = lines.length > 1;
  return {
    _box,
    _clip,
    _share: _wrapped ? shareOf(lines, _clip) : share,
    _wrapped,
    _empty: isIntersecting && !boxless && !area(_box),
  };
}

/** The observer took it for empty, which it is not. In a frame, it cannot be told what the page shows of it. */
export function isBoxless(target: Element, box: Box): boolean {
  return !area(box) && self === top && area(target.getBoundingClientRect()) > 0;
}

export function ownViewport(): Box {
  return { x: 0, y: 0, width: innerWidth, height: innerHeight };
}

/** The ratio from which an observer must tell us of a target that needs so much. */
export function firstStep(need: number): number {
  return need * ROUNDING;
}

export function isEnough(share: number, need: number): boolean {
  return share > 0 && share >= firstStep(need);
}

/** A rule's share, except for a target so tall that the viewport can never show that much of it. */
export function shareNeeded(box: Box, ruled: number, [width, height]: readonly [number, number]): number {
  // A frame that was not laid out yet has no viewport to compare with.
  if (box.height <= height || !(width * height)) return ruled;
  const large = area(box) >= LARGE_PX2 ? LARGE_SHARE : 1;
  const covering = Math.ceil((VIEWPORT_SHARE * width * height * 1000) / area(box)) / 1000;
  return Math.min(ruled, large, covering);
}

/** The share of these boxes that lies within the clip. */
export function shareOf(boxes: Box[], clip: Box): number {
  let whole = 0;
  let visible = 0;
  for (const box of boxes) {
    whole += area(box);
    visible += area(intersect(box, clip));
  }
  return whole && visible / whole;
}

export function intersect(a: Box, b: Box): Box {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y);
  return { x, y, width, height };
}

/** Where a box is after its element moved. */
export function shift({ x, y, width, height }: Box, then: Box, now: Box): Box {
  return { x: x + now.x - then.x, y: y + now.y - then.y, width, height };
}

/** An inline link that wraps has a box as wide as the column, so its lines count; as they were when the entry was made. */
function linesOf(target: Element, then: Box): Box[] {
  const boxes = target.getClientRects();
  if (boxes.length < 2) return [];
  const lines = [...boxes].filter(area);
  const now = target.getBoundingClientRect();
  return lines.map((line) => shift(line, now, then));
}

export function area({ width, height }: Box): number {
  return width * height;
}
