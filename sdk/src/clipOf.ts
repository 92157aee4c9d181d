/** An element in; the part of the viewport in which it could be seen out, or nothing where nobody knows. */
import { hostOf } from './hostOf';
import { type Box, intersect, ownViewport } from './measure';

export function clipOf(element: Element): Box | undefined {
  let clip = viewport();
  for (let each = parentOf(element); each && clip && each !== document.documentElement; each = parentOf(each)) {
    if (/visible/.test(getComputedStyle(each).overflow) || each === document.body) continue;
    const { x, y } = each.getBoundingClientRect();
    clip = intersect(clip, { x: x + each.clientLeft, y: y + each.clientTop, width: each.clientWidth, height: each.clientHeight });
  }
  return clip;
}

/** What the page said of this frame; without it, a frame does not know whether it can be seen. */
clipOf.told = undefined as Box | undefined;

function viewport(): Box | undefined {
  if (self === top) return ownViewport();
  return clipOf.told && intersect(ownViewport(), clipOf.told);
}

/** Out of a shadow tree, too. */
function parentOf(element: Element): Element | undefined {
  return element.parentElement ?? hostOf(element);
}
