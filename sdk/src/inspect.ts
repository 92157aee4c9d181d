/** An element in; what the SDK knows of it out, or nothing when it is not tracked. For the debug overlay, and for tests. */
import type { Clock } from './clock';
import type { Target } from './watch';

export interface Inspection {
  /** Visible share at the last step of the observer. */
  share: number;
  rules: {
    /** The event's type, where it is not an impression. */
    type: string | undefined;
    /** The share it needs. */
    need: number;
    /** How long it needs it, and how long it had it without a break. */
    needMs: number;
    ms: number;
    state: 'waiting' | 'running' | 'hidden' | 'counted';
  }[];
}

let find: (element: Element) => Target | undefined = () => undefined;

export function inspectWith(finder: typeof find): void {
  find = finder;
}

export function inspect(element: Element): Inspection | undefined {
  const target = find(element);
  return target && { share: target._share, rules: target._clocks.map(describeClock) };
}

function describeClock({ _rule, _need, _running, _hiddenAt, _done, _proven, _since }: Clock): Inspection['rules'][number] {
  const runs = _running && !_hiddenAt;
  return {
    type: _rule._type,
    need: _need,
    needMs: _rule._ms,
    ms: runs ? _proven + performance.now() - _since : 0,
    state: runs ? 'running' : _running ? 'hidden' : _done ? 'counted' : 'waiting',
  };
}
