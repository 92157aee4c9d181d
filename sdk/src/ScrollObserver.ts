/** An IntersectionObserver for browsers that have none: it measures when something may have moved, at most ten times a second. */
import { clipOf } from './clipOf';
import { followMoves } from './followMoves';
import { area, type Box, intersect } from './measure';

type Callback = (entries: IntersectionObserverEntry[], observer: IntersectionObserver) => void;

export class ScrollObserver {
  /** How many thresholds each target had passed when it was measured last; −1: never. */
  private readonly steps = new Map<Element, number>();
  private readonly thresholds: number[];
  private stop: (() => void) | undefined;

  constructor(
    private readonly callback: Callback,
    { threshold }: IntersectionObserverInit,
  ) {
    this.thresholds = [threshold ?? 0].flat();
  }

  /** What the page says of the visible part of this frame: x, y, width, height. */
  static told([x, y, width, height]: readonly number[]): void {
    clipOf.told = { x, y, width, height } as Box;
    dispatchEvent(new Event('resize'));
  }

  observe(target: Element): void {
    this.steps.set(target, -1);
    this.stop ??= followMoves(() => this.measure());
  }

  unobserve(target: Element): void {
    this.steps.delete(target);
    if (!this.steps.size) this.disconnect();
  }

  disconnect(): void {
    this.steps.clear();
    this.stop?.();
    this.stop = undefined;
  }

  /** Nothing is ever ready before it is told. */
  takeRecords(): IntersectionObserverEntry[] {
    return [];
  }

  private measure(): void {
    const time = performance.now();
    const entries: IntersectionObserverEntry[] = [];
    for (const [target, before] of this.steps) {
      const entry = entryOf(target, time);
      const passed = entry.isIntersecting ? 1 + this.thresholds.filter((each) => entry.intersectionRatio >= each).length : 0;
      if (passed === before) continue;
      this.steps.set(target, passed);
      entries.push(entry);
    }
    if (entries.length) this.callback(entries, this as unknown as IntersectionObserver);
  }
}

function entryOf(target: Element, time: number): IntersectionObserverEntry {
  const box = target.getBoundingClientRect();
  const clip = clipOf(target);
  const visible = DOMRectReadOnly.fromRect(clip && intersect(box, clip));
  const touches = !!clip && target.isConnected && touch(box, clip);
  return {
    target,
    time,
    boundingClientRect: box,
    intersectionRect: visible,
    intersectionRatio: area(box) ? area(visible) / area(box) : +touches,
    isIntersecting: touches && (area(visible) > 0 || !area(box)),
    rootBounds: null,
  };
}

/** With an edge or a corner, too: what has no area can be in view. */
function touch(box: DOMRect, clip: Box): boolean {
  return box.right >= clip.x && box.x <= clip.x + clip.width && box.bottom >= clip.y && box.y <= clip.y + clip.height;
}
