/** A batch in; the same out, whole or in parts, each with the time when the browser took it: smaller ones fit into a short quota. */
import type { WireBatch } from './event';
import { halve } from './groupIntoBatches';
import { emit } from './on';
import type { Kept } from './openStore';
import { serialize } from './toBatch';

/** @returns parts with a time of 0 where the browser did not take them: these come last */
export function beacon(endpoint: string, batch: WireBatch): Kept[] {
  if (send(endpoint, serialize(batch))) {
    emit('sent', { batch, by: 'beacon' });
    return [[batch, Date.now()]];
  }
  if (batch.e.length < 2) return [[batch, 0]];
  const [first, second] = halve(batch) as [WireBatch, WireBatch];
  const parts = beacon(endpoint, first);
  // Not even the first half went: the quota is gone, the second half would ask in vain.
  return parts.concat(parts.every(([, sentAt]) => sentAt) ? beacon(endpoint, second) : [[second, 0]]);
}

/** A page that put something else in its place must not cost us what waits. */
function send(endpoint: string, body: string): boolean {
  try {
    return navigator.sendBeacon(endpoint, body);
  } catch {
    return false;
  }
}
