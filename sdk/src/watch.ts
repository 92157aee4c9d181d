/** Elements in; each one out again, once, when enough of it was visible for long enough without a break. */
import { QUALITY } from './event';
import { assessElement } from './assessElement';
import { guard } from './guard';
import { firstStep, measure } from './measure';
import type { Settings } from './readSettings';

/** A timer this late proves that the page was frozen or blocked: nobody knows what was visible meanwhile. */
const LATE_MS = 250;

export interface Sighting {
  _element: Element;
  _share: number;
  _visibleMs: number;
  _quality: number;
}

export interface Watch {
  _add(element: Element): void;
  /** Nobody can see the page since `time`: closes every interval, observes nothing. */
  _pause(time: number): void;
  /** The page can be seen: elements may be added again. */
  _resume(): void;
  /** Forgets what was seen. */
  _reset(): void;
}

interface Clock {
  _element: Element;
  _observer: IntersectionObserver | undefined;
  _need: number;
  _share: number;
  _since: number;
  _quality: number;
  _hidden: boolean;
  _done: boolean;
}

export function watch(settings: Settings, seen: (sighting: Sighting) => void): Watch {
  const observers = new Map<number, IntersectionObserver>();
  const open = new Set<Clock>();
  let clocks = new WeakMap<Element, Clock>();
  let paused = true;
  let timer: ReturnType<typeof setTimeout>;
  let due = 0;

  /** All entries in order: the last one of a target decides, an earlier one may have broken its interval. */
  function apply(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const clock = clocks.get(entry.target);
      if (clock && !clock._done && !paused) applyTo(clock, entry);
    }
  }

  function applyTo(clock: Clock, entry: IntersectionObserverEntry): void {
    const { _share, _need, _enough, _empty } = measure(entry, settings);
    if (_need !== clock._need) observe(clock, _need);
    clock._share = _share;
    if (!_enough && !_empty) open.delete(clock);
    else if (!open.has(clock)) {
      clock._since = entry.time;
      clock._hidden = _empty;
      open.add(clock);
    }
  }

  /** Targets that need the same share have one observer; ten steps above it keep the measure fresh. */
  function observe(clock: Clock, need: number): void {
    clock._observer?.unobserve(clock._element);
    let observer = observers.get(need);
    if (!observer) {
      const threshold = [firstStep(need), 1];
      for (let step = need + 0.1; step < 1; step += 0.1) threshold.push(step);
      observer = new IntersectionObserver(guard(hear), { threshold });
      observers.set(need, observer);
    }
    clock._need = need;
    clock._observer = observer;
    observer.observe(clock._element);
  }

  function hear(entries: IntersectionObserverEntry[]): void {
    apply(entries);
    arm();
  }

  /** One timer, for the interval that is complete first; none while nothing is visible. */
  function arm(): void {
    clearTimeout(timer);
    if (!open.size) return;
    due = Infinity;
    for (const clock of open) due = Math.min(due, clock._since + settings._durationMs);
    timer = setTimeout(guard(tick), Math.ceil(due - performance.now()));
  }

  function tick(): void {
    credit(performance.now());
    arm();
  }

  function credit(now: number): void {
    for (const observer of observers.values()) apply(observer.takeRecords());
    const late = now - due > LATE_MS;
    for (const clock of open) {
      if (late) {
        clock._since = now;
        clock._quality |= QUALITY.late_timer;
      } else if (now - clock._since >= settings._durationMs) conclude(clock, now);
    }
  }

  /** It would count now, unless CSS hides it; if it did until now, its second begins now, with a new measure. */
  function conclude(clock: Clock, now: number): void {
    const quality = assessElement(clock._element);
    const wasHidden = clock._hidden;
    clock._hidden = quality < 0;
    if (wasHidden || quality < 0) {
      clock._since = now;
      if (quality >= 0) observe(clock, clock._need);
      return;
    }
    clock._done = true;
    clock._observer?.unobserve(clock._element);
    open.delete(clock);
    seen({
      _element: clock._element,
      _share: clock._share,
      _visibleMs: now - clock._since,
      _quality: quality | clock._quality,
    });
  }

  return {
    _add(element) {
      if (paused || clocks.get(element)?._done) return;
      const clock = clocks.get(element) ?? {
        _element: element, _observer: undefined, _need: 0, _share: 0, _since: 0, _quality: 0, _hidden: false, _done: false,
      };
      clocks.set(element, clock);
      observe(clock, clock._need || settings._threshold);
    },
    _pause(time) {
      credit(time);
      clearTimeout(timer);
      open.clear();
      for (const observer of observers.values()) observer.disconnect();
      paused = true;
    },
    _resume() {
      paused = false;
    },
    _reset() {
      clocks = new WeakMap();
    },
  };
}
