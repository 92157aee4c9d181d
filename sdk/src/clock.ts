/** The clock of one rule on one element: what of the time that passed is proven to have been visible. No I/O. */
import { QUALITY } from './event';
import type { Rule } from './readRules';

/** A timer this late proves that the page was frozen or blocked: nobody knows what was visible meanwhile. */
export const LATE_MS = 250;
/** After a late timer, time is proven in slices: on a busy machine every long timer would be late. */
const SLICE_MS = 250;
/** What is only scrolled past is never looked at. */
const LOOK_MS = 100;
/** First looks are due at multiples of this, so that one timer takes many: a page that is scrolled has one due in each frame. */
const LOOK_STEP_MS = 50;
/** What is in view but hidden is looked at again after an eighth of the time that it was hidden: ever more rarely. */
const LOOK_AGAIN_MS = 100;

export interface Clock {
  _rule: Rule;
  /** The share it needs: the rule's, or less for what is taller than the viewport. */
  _need: number;
  _running: boolean;
  /** Start of the part of the open interval that is not proven yet. */
  _since: number;
  /** The proven part of the open interval. */
  _proven: number;
  /** All intervals before it, in this page view. */
  _total: number;
  _quality: number;
  /** In view, but hidden by CSS or by something on top since then; 0: it is not. */
  _hiddenAt: number;
  /** Looked at since the interval began. */
  _looked: boolean;
  _done: boolean;
}

export function newClock(rule: Rule): Clock {
  return {
    _rule: rule, _need: rule._share, _running: false, _since: 0, _proven: 0, _total: 0, _quality: 0,
    _hiddenAt: 0, _looked: false, _done: false,
  };
}

/** A new interval begins; nothing before it counts as unbroken. */
export function begin(clock: Clock, now: number, hidden: boolean): void {
  clock._running = true;
  clock._since = now;
  clock._proven = 0;
  clock._looked = hidden;
  clock._hiddenAt = hidden ? clock._hiddenAt || now : 0;
}

/** Something happened that may have uncovered it: it is looked at soon, and then again as if it had been hidden just now. */
export function hasten(clock: Clock, now: number): void {
  if (clock._hiddenAt && dueAt(clock, false) > now + LOOK_AGAIN_MS) clock._hiddenAt = clock._since = now;
}

/** When to look at it next. */
export function dueAt(clock: Clock, sliced: boolean): number {
  const { _since, _proven, _hiddenAt, _looked, _rule } = clock;
  if (_hiddenAt) return _since + Math.max(LOOK_AGAIN_MS, (_since - _hiddenAt) / 8);
  const look = _looked ? Infinity : Math.floor((_since + LOOK_MS) / LOOK_STEP_MS) * LOOK_STEP_MS;
  return Math.min(look, _since + Math.min(_rule._ms - _proven, sliced ? SLICE_MS : Infinity));
}

/**
 * The page is known to be alive at `now`; `late`: it was not, for a while before.
 * @returns whether the element is to be looked at: the rule is met, or it was not looked at yet, or it was hidden.
 */
export function advance(clock: Clock, now: number, sliced: boolean, late: boolean): boolean {
  const isDue = now >= dueAt(clock, sliced);
  if (clock._hiddenAt) return isDue;
  if (late) {
    clock._since = now;
    clock._quality |= QUALITY.late_timer;
  } else if (sliced && isDue) {
    // A slice is proven as a whole; without slices nothing is, before the one timer came in time.
    clock._proven += now - clock._since;
    clock._since = now;
  }
  return isMet(clock, now) || (!clock._looked && isDue);
}

export function isMet({ _proven, _since, _rule }: Clock, now: number): boolean {
  return _proven + now - _since >= _rule._ms;
}

/** The interval ends, and is added to those before it. */
export function end(clock: Clock, now: number): void {
  if (clock._running && !clock._hiddenAt) clock._total += clock._proven + Math.max(0, now - clock._since);
  clock._running = false;
  clock._hiddenAt = 0;
}
