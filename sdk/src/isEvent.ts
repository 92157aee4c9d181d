/** Anything in; whether it is an event that the collector would take out. The bounds are those of eyeshot/event.py. */
import { EVENT_BOUNDS, type WireEvent } from './event';

const NAME_CHARS_MAX = 64;
const VALUE_CHARS_MAX = 1024;

export function isEvent(given: unknown): given is WireEvent {
  const event = (given ?? {}) as Readonly<Record<string, unknown>>;
  return (
    event.et != null &&
    event.ts != null &&
    Object.entries(EVENT_BOUNDS).every(([name, bound]) => event[name] == null || isWithin(event[name], bound))
  );
}

/** As in EVENT_BOUNDS. */
type Bound = RegExp | number | (number | boolean)[] | { entries: number };

function isWithin(value: unknown, bound: Bound): boolean {
  if (typeof value === 'string') return bound instanceof RegExp ? bound.test(value) : isText(value, bound as number);
  if (Array.isArray(bound)) return isNumber(value, +bound[0]!) && (!bound[1] || Number.isInteger(value));
  const { entries: most = -1 } = bound as { entries?: number };
  const entries = typeof value === 'object' ? Object.entries(value!) : [];
  return typeof value === 'object' && entries.length <= most && entries.every(isProperty);
}

/** Characters as the collector counts them: of what is beyond the basic plane, a string has two. Half of one is no text. */
function isText(value: string, most: number): boolean {
  return [...value].length <= most && !/\p{Surrogate}/u.test(value);
}

function isProperty([name, value]: [string, unknown]): boolean {
  if (!name || !isText(name, NAME_CHARS_MAX)) return false;
  if (typeof value === 'string') return isText(value, VALUE_CHARS_MAX);
  return value === null || typeof value === 'boolean' || Number.isFinite(value);
}

function isNumber(value: unknown, most: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= most;
}
