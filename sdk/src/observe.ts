/** Elements and the shares they need in; their observers' entries out. Elements that need the same share one observer. */
import { guard } from './guard';
import { firstStep } from './measure';

/** One step above the first keeps the measure fresh; what is measured by its lines needs many, from the start. */
const STEP_WRAPPED = 0.02;

export type ObserverClass = typeof IntersectionObserver;

export interface Observed {
  _element: Element;
  _observer: IntersectionObserver | undefined;
}

export interface Observers {
  /** @param again begins anew, with a fresh entry, even when nothing changed */
  _observe(target: Observed, needs: number[], wrapped: boolean, again: boolean): void;
  _unobserve(target: Observed): void;
  /** The entries that are ready, before they are delivered. */
  _take(): IntersectionObserverEntry[];
  _disconnect(): void;
}

export function createObservers(Class: ObserverClass, hear: (entries: IntersectionObserverEntry[]) => void): Observers {
  let observers: { [needs: string]: IntersectionObserver } = {};
  const unobserve = (target: Observed): void => {
    target._observer?.unobserve(target._element);
    target._observer = undefined;
  };
  return {
    _observe(target, needs, wrapped, again) {
      const observer = (observers[needs + (wrapped ? 'w' : '')] ??= new Class(guard(hear), { threshold: thresholds(needs, wrapped) }));
      if (target._observer === observer && !again) return;
      unobserve(target);
      target._observer = observer;
      observer.observe(target._element);
    },
    _unobserve: unobserve,
    _take: () => Object.values(observers).flatMap((observer) => observer.takeRecords()),
    /** Whoever is observed again has a new observer. */
    _disconnect() {
      for (const observer of Object.values(observers)) observer.disconnect();
      observers = {};
    },
  };
}

function thresholds(needs: number[], wrapped: boolean): number[] {
  const list = [1, (1 + Math.max(...needs)) / 2, ...needs.map(firstStep)];
  if (wrapped) for (let step = STEP_WRAPPED; step < 1; step += STEP_WRAPPED) list.push(step);
  return list;
}
