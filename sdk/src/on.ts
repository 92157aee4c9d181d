/** What the SDK did, for whoever wants to watch it do so: `eyeshot.on('seen', fn)`. */
import type { WireBatch, WireEvent } from './event';
import { guard } from './guard';

export interface Hooks {
  /** An impression or a click was recorded. `sequence` counts within (`page_view_id`, `source`). */
  seen: { event: WireEvent; page_view_id: string; source: string; sequence: number };
  /** A batch left. A beacon is never answered. */
  sent: { batch: WireBatch; by: 'fetch' | 'beacon' };
  /** The collector answered a batch; status 0: there was no answer. */
  answered: { batch: WireBatch; status: number; body: string };
  /** A batch was given up: refused for good, unreachable, or the queue was full. */
  dropped: { batch: WireBatch; status: number };
}

const listeners: { [name: string]: ((detail: never) => void)[] } = {};

/** Calls `fn` each time `name` happens from now on. */
export function on<N extends keyof Hooks>(name: N, fn: (detail: Hooks[N]) => void): void {
  (listeners[name] ??= []).push(guard(fn));
}

/** Tells everyone who listens. */
export function emit<N extends keyof Hooks>(name: N, detail: Hooks[N]): void {
  listeners[name]?.forEach((listener) => listener(detail as never));
}
