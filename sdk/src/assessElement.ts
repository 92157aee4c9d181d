/** An element that is in view in; quality bits out, or −1 when CSS hides it or it has no area. */
import { QUALITY } from './event';

export function assessElement(element: Element): number {
  const shown = element.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true, contentVisibilityAuto: true });
  const { width, height } = element.getBoundingClientRect();
  if (shown === false || !width || !height) return -1;
  return isOnTop(element) ? 0 : QUALITY.occlusion_unknown;
}

/** Sampled at one point. A frame cannot know what its page puts on top of it. */
function isOnTop(element: Element): boolean {
  const line = element.getClientRects()[0];
  if (!line || self !== top) return false;
  const hit = document.elementFromPoint(line.x + line.width / 2, line.y + line.height / 2);
  return element.contains(hit);
}
