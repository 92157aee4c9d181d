/** Elements and the shares they need in; their observers' entries out. Elements that need the same share one observer. */
import { guard } from './guard';
import { firstStep } from './measure';

/** One step above the first keeps the measure fresh; what is measured by its lines needs many, from the start. */
const STEP_WRAPPED = 0.02;

export type ObserverClass = typeof IntersectionObserver;

export interface Observed {
  _element: Element;
  _steps: string;
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

/** Grows whenever all observers are disconnected, so that what they had is observed anew. */
let epoch = 0;

export function createObservers(Class: ObserverClass, hear: (entries: IntersectionObserverEntry[]) => void): Observers {
  const observers = new Map<string, IntersectionObserver>();
  const unobserve = (target: Observed): void => {
    target._observer?.unobserve(target._element);
    target._observer = undefined;
  };
  return {
    _observe(target, needs, wrapped, again) {
      const key = needs + (wrapped ? 'w' : '');
      const steps = `${epoch} ${key}`;
      if (target._observer && target._steps === steps && !again) return;
      unobserve(target);
      let observer = observers.get(key);
      if (!observer) {
        observer = new Class(guard(hear), { threshold: thresholds(needs, wrapped) });
        observers.set(key, observer);
      }
      target._steps = steps;
      target._observer = observer;
      observer.observe(target._element);
    },
    _unobserve: unobserve,
    _take: () => [...observers.values()].flatMap((observer) => observer.takeRecords()),
    _disconnect() {
      epoch++;
      observers.forEach((observer) => observer.disconnect());
    },
  };
}

function thresholds(needs: number[], wrapped: boolean): number[] {
  const list = [1, (1 + Math.max(...needs)) / 2, ...needs.map(firstStep)];
  if (wrapped) for (let step = STEP_WRAPPED; step < 1; step += STEP_WRAPPED) list.push(step);
  return list;
}
