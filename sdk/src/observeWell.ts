/** Gives the class that observes what is in view: the browser's; where that is missing or does not work, the fallback. */
import { QUALITY } from './event';
import { guard } from './guard';
import { atStop } from './listen';
import { loadPart } from './loadPart';
import type { ObserverClass } from './observe';

/** A browser tells of a new target within a frame. */
const SILENCE_MS = 3000;

export function observeWell(use: (observer: ObserverClass, quality: number) => void): void {
  const fallBack = (): void => loadPart('fallback', (observer) => use(observer, QUALITY.fallback));
  if (!canObserve()) return fallBack();
  use(IntersectionObserver, 0);
  // A frame that is out of view may not be drawn at all, and is told nothing.
  if (self === top) probe(fallBack);
}

/** Whether the browser's is there, with all that is read of it. */
export function canObserve(): boolean {
  return (
    typeof IntersectionObserver === 'function' &&
    ['intersectionRatio', 'intersectionRect', 'isIntersecting'].every((name) => name in IntersectionObserverEntry.prototype)
  );
}

/** Calls `broken` when the observer says nothing for 3 s in which the tab was seen. */
function probe(broken: () => void): void {
  let timer: ReturnType<typeof setTimeout>;
  const done = (): void => {
    clearTimeout(timer);
    observer.disconnect();
  };
  const wait = (): void => {
    timer = setTimeout(
      guard(() => {
        if (document.hidden) return wait();
        done();
        broken();
      }),
      SILENCE_MS,
    );
  };
  const observer = new IntersectionObserver(guard(done));
  observer.observe(document.documentElement);
  atStop(done);
  wait();
}
