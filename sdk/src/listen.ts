/** What the SDK hears from the browser, and how it stops hearing: everything that is set up can be taken back. */
import { contain, guard } from './guard';
import { state } from './state';

/** Calls `undo` when the SDK is stopped. */
export function atStop(undo: () => void): void {
  state._undoings.push(undo);
}

export function stop(): void {
  state._undoings.forEach((undo) => contain(undo)());
  // Only now: what was undone may have set something up.
  state._undoings = [];
}

export function listen<E extends Event>(target: EventTarget, type: string, hear: (event: E) => void, capture = false): void {
  const guarded = guard(hear) as (event: Event) => void;
  target.addEventListener(type, guarded, capture);
  atStop(() => target.removeEventListener(type, guarded, capture));
}
