/** Events of one page view and source in; the batch that carries them out. */
import type { WireBatch, WireEvent } from './event';
import type { View } from './openView';

declare const VERSION: string;

export function toBatch(site: string, view: View, source: string, sequence: number, events: WireEvent[]): WireBatch & { e: WireEvent[] } {
  return {
    s: site,
    p: view._page,
    r: view._referrer || undefined,
    pv: view._id,
    so: source,
    n: sequence,
    st: 0,
    v: VERSION,
    vp: [innerWidth, innerHeight],
    e: events,
  };
}

/** The body of a request: a retry has the same numbers, and its own time of sending. */
export function serialize(batch: WireBatch): string {
  return JSON.stringify({ ...batch, st: Date.now() });
}
