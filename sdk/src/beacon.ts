/** A batch in; what could not be handed to the browser out. It tries smaller ones when the beacons' quota is short. */
import type { WireBatch } from './event';
import { halve, serialize } from './groupIntoBatches';
import { emit } from './on';

export function beacon(endpoint: string, batch: WireBatch): WireBatch[] {
  if (navigator.sendBeacon?.(endpoint, serialize(batch))) {
    emit('sent', { batch, by: 'beacon' });
    return [];
  }
  if (batch.e.length < 2) return [batch];
  const [first, second] = halve(batch) as [WireBatch, WireBatch];
  const left = beacon(endpoint, first);
  // Not even the first half went: the quota is gone, the second half would ask in vain.
  return left.length ? [...left, second] : beacon(endpoint, second);
}
