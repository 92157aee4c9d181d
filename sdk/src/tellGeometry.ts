/** A widget's frame in; tells its visible part, in the frame's own coordinates, whenever it changed by a twentieth. @returns how to stop. */
import { guard } from './guard';

const STEPS = 20;

export function tellGeometry(frame: HTMLIFrameElement, tell: (visible: readonly [number, number, number, number]) => void): () => void {
  if (typeof IntersectionObserver !== 'function') return () => {};
  const observer = new IntersectionObserver(
    guard((entries: IntersectionObserverEntry[]) => {
      const { intersectionRect: clip, boundingClientRect: box } = entries.pop()!;
      tell([clip.x - box.x - frame.clientLeft, clip.y - box.y - frame.clientTop, clip.width, clip.height]);
    }),
    { threshold: Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS) },
  );
  observer.observe(frame);
  return () => observer.disconnect();
}
