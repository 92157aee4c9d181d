/** Elements in; each one out again whenever enough of it was visible for long enough without a break. */
import { assessElement, isShown } from './assessElement';
import { advance, begin, type Clock, dueAt, end, hasten, isMet, LATE_MS, newClock } from './clock';
import { findRules } from './findRules';
import { guard } from './guard';
import { listen } from './listen';
import { isEnough, measure, type Measure, shareNeeded, UNMEASURED } from './measure';
import { createObservers, type Observed, type ObserverClass, type Observers } from './observe';
import type { Settings } from './readSettings';

/** Sampled in each direction: soon after an interval began, and when it would count. */
const POINTS_FIRST = 1;
const POINTS = 3;
/** After these, what was hidden may be so no longer. */
const UNCOVERING = ['click', 'keyup', 'transitionend', 'animationend', 'resize', 'load'];

export interface Target extends Observed, Measure {
  _clocks: Clock[];
  _repeat: boolean;
  /** Where it leads to: an element that leads elsewhere is another link. */
  _link: string | null;
  /** Rule and link of what counted. */
  _counted: Set<string>;
}

export interface Watch {
  _add(element: Element): void;
  /** It may lead elsewhere now. */
  _recycle(element: Element): void;
  /** Nobody can see the page since `time`: closes every interval, observes nothing. */
  _pause(time: number): void;
  /** The page can be seen: elements may be added again. Those that are here already are measured anew. */
  _resume(): void;
  /** Forgets what was seen. */
  _reset(): void;
  /** What tells of what is in view, and how much that is to be doubted. @returns whether it was running, and is paused now. */
  _use(observer: ObserverClass, quality: number): boolean;
  /** For the debug overlay. */
  _find(element: Element): Target | undefined;
}

/** @param seen is told the doubts about it, too */
export function watch(settings: Settings, seen: (target: Target, clock: Clock, quality: number) => void): Watch {
  let observers: Observers | undefined;
  let doubt = 0;
  let targets = new WeakMap<Element, Target>();
  const open = new Map<Clock, Target>();
  let paused = true;
  let sliced = false;
  let timer: ReturnType<typeof setTimeout>;
  let due = Infinity;

  function hear(entries: IntersectionObserverEntry[]): void {
    apply(entries);
    arm();
  }

  /** All entries in order: the last one of a target decides, an earlier one may have broken its interval. */
  function apply(entries: IntersectionObserverEntry[]): void {
    const [width, height] = settings._viewport;
    const viewport = [Math.min(innerWidth, width), Math.min(innerHeight, height)] as const;
    for (const entry of entries) {
      const target = targets.get(entry.target);
      if (target?._observer && !paused) follow(target, measure(entry), entry.time, viewport);
    }
  }

  function follow(target: Target, measured: Measure, time: number, viewport: readonly [number, number]): void {
    let changed = measured._wrapped !== target._wrapped;
    for (const clock of target._clocks) {
      const need = shareNeeded(measured._box, clock._rule._share, viewport);
      changed ||= need !== clock._need;
      if (!measured._empty && !isEnough(measured._share, need)) close(clock, target, time);
      else if (!clock._done && !clock._running) {
        // An entry's time may be that of its frame's start (Firefox), before what the frame's scripts changed.
        begin(clock, performance.now(), measured._empty || !isShown(target._element));
        open.set(clock, target);
      }
      clock._need = need;
    }
    Object.assign(target, measured);
    if (changed) observe(target);
  }

  /** Out of view; it may have been in view just long enough, with its timer about to come: then what was measured before counts. */
  function close(clock: Clock, target: Target, time: number): void {
    if (clock._running && !clock._hiddenAt && advance(clock, time, sliced, isLate(time))) conclude(clock, target, time);
    end(clock, time);
    open.delete(clock);
    if (target._repeat) clock._done = false;
  }

  function observe(target: Target, again = false): void {
    const needs = target._clocks.filter(({ _done }) => !_done || target._repeat).map(({ _need }) => _need);
    if (needs.length) observers?._observe(target, needs, target._wrapped, again);
    else observers?._unobserve(target);
  }

  /** One timer, for the clock that is due first; none while nothing is visible. */
  function arm(): void {
    clearTimeout(timer);
    sliced &&= open.size > 0;
    due = Infinity;
    for (const clock of open.keys()) due = Math.min(due, dueAt(clock, sliced));
    if (open.size) timer = setTimeout(guard(tick), Math.ceil(due - performance.now()));
  }

  /** In some browsers each step of a scroll comes here: it costs something only where something is hidden. */
  function hurry(): void {
    const hidden = [...open.keys()].filter(({ _hiddenAt }) => _hiddenAt);
    for (const clock of hidden) hasten(clock, performance.now());
    if (hidden.length) arm();
  }

  function tick(): void {
    try {
      credit(performance.now());
    } finally {
      arm();
    }
  }

  function credit(now: number): void {
    apply(observers?._take() ?? []);
    const late = isLate(now);
    const look = guard(conclude);
    for (const [clock, target] of open) if (advance(clock, now, sliced, late)) look(clock, target, now);
    sliced ||= late;
  }

  /** The timer that was due did not come: all intervals have a gap. */
  function isLate(now: number): boolean {
    return open.size > 0 && now - due > LATE_MS;
  }

  /** Whether something hides it: then it does not count; if that was so until now, its time begins now, with a new measure. */
  function conclude(clock: Clock, target: Target, now: number): void {
    // What had no area when it was measured may have one now.
    if (!target._share) observe(target, true);
    const met = isMet(clock, now);
    const quality = assessElement(target, clock._need, met ? POINTS : POINTS_FIRST);
    if (quality >= 0 && !clock._hiddenAt) {
      clock._looked = true;
      if (met) count(clock, target, now, quality);
      return;
    }
    if (quality >= 0) observe(target, true);
    begin(clock, now, quality < 0);
  }

  function count(clock: Clock, target: Target, now: number, quality: number): void {
    end(clock, now);
    open.delete(clock);
    clock._done = true;
    target._counted.add(keyOf(target, clock));
    observe(target);
    seen(target, clock, quality | clock._quality | doubt);
  }

  function create(element: Element): Target {
    const { _rules, _repeat } = findRules(element, settings);
    return {
      ...UNMEASURED, _element: element, _clocks: _rules.map(newClock), _repeat,
      _link: element.getAttribute('href'), _counted: new Set(), _observer: undefined,
    };
  }

  function pause(time: number): void {
    credit(time);
    clearTimeout(timer);
    for (const clock of open.keys()) end(clock, time);
    open.clear();
    observers?._disconnect();
    paused = true;
  }

  // Where a browser tells no end of scrolling, each step may be one.
  for (const name of [...UNCOVERING, 'onscrollend' in window ? 'scrollend' : 'scroll']) listen(window, name, hurry, true);
  return {
    _add(element) {
      if (paused || !observers) return;
      const target = targets.get(element) ?? create(element);
      targets.set(element, target);
      observe(target, true);
    },
    _recycle(element) {
      const target = targets.get(element);
      if (!target || target._link === element.getAttribute('href')) return;
      for (const clock of target._clocks) open.delete(clock);
      target._link = element.getAttribute('href');
      target._clocks = target._clocks.map(({ _rule }) => newClock(_rule));
      for (const clock of target._clocks) clock._done = target._counted.has(keyOf(target, clock));
      if (!paused) observe(target, true);
      arm();
    },
    _pause: pause,
    _resume() {
      paused = false;
    },
    _reset() {
      pause(performance.now());
      targets = new WeakMap();
    },
    _use(observer, quality) {
      const ran = !paused;
      pause(performance.now());
      observers = createObservers(observer, hear);
      doubt = quality;
      return ran;
    },
    _find: (element) => targets.get(element),
  };
}

function keyOf({ _clocks, _link }: Target, clock: Clock): string {
  return `${_clocks.indexOf(clock)} ${_link}`;
}
