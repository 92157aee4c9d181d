/** An element in; the part of the viewport in which it could be seen out, or nothing where nobody knows. */
import { intersect, ownViewport } from './measure';

export function clipOf(element: Element): DOMRectReadOnly | undefined {
  let clip = viewport();
  for (let each: Element | null = parentOf(element); each && clip && each !== document.documentElement; each = parentOf(each)) {
    if (/visible/.test(getComputedStyle(each).overflow) || each === document.body) continue;
    const { x, y } = each.getBoundingClientRect();
    clip = intersect(clip, new DOMRectReadOnly(x + each.clientLeft, y + each.clientTop, each.clientWidth, each.clientHeight));
  }
  return clip;
}

/** What the page said of this frame; without it, a frame does not know whether it can be seen. */
clipOf.told = undefined as DOMRectReadOnly | undefined;

function viewport(): DOMRectReadOnly | undefined {
  if (self === top) return ownViewport();
  return clipOf.told && intersect(ownViewport(), clipOf.told);
}

/** Out of a shadow tree, too. */
function parentOf(element: Element): Element | null {
  return element.parentElement ?? (element.getRootNode() as Partial<ShadowRoot>).host ?? null;
}
