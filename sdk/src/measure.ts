/** An observer's entry in; how much of its target could be seen, and whether that is enough, out. */
import type { Settings } from './readSettings';

/** From here on a target is large, and 30 % of it are enough (242,500 px² is the MRC's large display ad). */
const LARGE_PX2 = 242_500;
const LARGE_SHARE = 0.3;
/** A target taller than the viewport is also seen once it covers this share of the viewport. */
const VIEWPORT_SHARE = 0.5;
/** Ratios are computed on rounded edges: 0.001 below a threshold of one half still counts. */
const ROUNDING = 0.998;

export interface Measure {
  /** Visible share of the target's area. */
  _share: number;
  /** The share it needs. */
  _need: number;
  _enough: boolean;
  /** In view, but without an area, whose growth no observer would tell. */
  _empty: boolean;
}

export function measure(entry: IntersectionObserverEntry, settings: Settings): Measure {
  const need = shareNeeded(entry.boundingClientRect, settings);
  const share = area(entry.intersectionRect) && entry.intersectionRatio;
  const exact = share < 1 && isEnough(share, need) ? shareOfLines(entry) ?? share : share;
  return {
    _share: exact,
    _need: need,
    _enough: isEnough(exact, need),
    _empty: entry.isIntersecting && !area(entry.boundingClientRect),
  };
}

/** The ratio from which an observer must tell us of this target. */
export function firstStep(need: number): number {
  return need * ROUNDING;
}

function isEnough(share: number, need: number): boolean {
  return share > 0 && share >= firstStep(need);
}

/** The threshold, except for a target so tall that the viewport can never show that much of it. */
function shareNeeded(box: DOMRectReadOnly, { _threshold, _viewport }: Settings): number {
  const width = Math.min(innerWidth, _viewport[0]);
  const height = Math.min(innerHeight, _viewport[1]);
  if (box.height <= height) return _threshold;
  const large = area(box) >= LARGE_PX2 ? LARGE_SHARE : 1;
  const covering = Math.ceil((VIEWPORT_SHARE * width * height * 1000) / area(box)) / 1000;
  return Math.min(_threshold, large, covering);
}

/** An inline link that wraps has a box as wide as the column: measure its lines instead. */
function shareOfLines({ target, intersectionRect: clip }: IntersectionObserverEntry): number | undefined {
  const lines = [...target.getClientRects()];
  if (lines.length < 2) return undefined;
  let visible = 0;
  let whole = 0;
  for (const line of lines) {
    const width = Math.min(line.right, clip.right) - Math.max(line.left, clip.left);
    const height = Math.min(line.bottom, clip.bottom) - Math.max(line.top, clip.top);
    visible += Math.max(width, 0) * Math.max(height, 0);
    whole += area(line);
  }
  return whole && visible / whole;
}

function area({ width, height }: DOMRectReadOnly): number {
  return width * height;
}
