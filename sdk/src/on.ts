/** What the SDK did, for whoever wants to watch it do so: `eyeshot.on('seen', fn)`. */
import type { WireBatch, WireEvent } from './event';
import { contain } from './guard';
import { state } from './state';

export interface Hooks {
  /** An impression or a click was recorded. `sequence` counts within (`page_view_id`, `source`). */
  seen: { event: WireEvent; page_view_id: string; source: string; sequence: number };
  /** A batch left. A beacon is never answered. */
  sent: { batch: WireBatch; by: 'fetch' | 'beacon' };
  /** The collector answered a batch; status 0: there was no answer. */
  answered: { batch: WireBatch; status: number; body: string };
  /** The collector accepted a batch, but not this event of it, and says why. */
  rejected: { batch: WireBatch; index: number; reason: string };
  /** A batch was given up: refused for good, too old, in doubt for too long (status 0), or the queue was full. */
  dropped: { batch: WireBatch; status: number };
}

/** Calls `fn` each time `name` happens from now on. */
export function on<N extends keyof Hooks>(name: N, fn: (detail: Hooks[N]) => void): void {
  (state._listeners[name] ??= []).push(contain(fn));
}

/** Tells everyone who listens, when what is under way is done: a listener may take consent back. */
export function emit<N extends keyof Hooks>(name: N, detail: Hooks[N]): void {
  for (const listener of state._listeners[name] ?? []) queueMicrotask(() => listener(detail as never));
}
