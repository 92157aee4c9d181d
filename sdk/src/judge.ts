/** A widget's frame and what the widget reports in; the same event, with what only the page can know of it, out. */
import { isShown } from './assessElement';
import { assessTab } from './assessTab';
import { QUALITY, type WireEvent } from './event';
import { area, intersect, ownViewport } from './measure';
import { probe } from './probe';

const POINTS = 4;
const UNCOVERED_MIN = 0.5;
/** In place of an impression whose frame nobody could see: its number is used up, so it stays. */
const HIDDEN = 'frame_hidden';

export function judge(frame: Element, event: WireEvent): WireEvent {
  let quality = (event.q ?? 0) | assessTab();
  if (event.vd === undefined && !event.et.endsWith('_impression')) return { ...event, q: quality || undefined };
  // The message may have come long after what it tells of: a frame that is out of view by now says nothing.
  const uncovered = probe(frame, [intersect(frame.getBoundingClientRect(), ownViewport())].filter(area), POINTS);
  // All of the frame is on top: so is what is in it.
  if (uncovered === 1) quality &= ~QUALITY.occlusion_unknown;
  const hidden = !isShown(frame) || (uncovered >= 0 && uncovered < UNCOVERED_MIN);
  return { ...event, et: hidden ? HIDDEN : event.et, q: quality || undefined };
}
