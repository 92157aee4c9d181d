/** A batch in; what the browser took, and what it did not, out. It is asked for smaller ones when the beacons' quota is short. */
import type { WireBatch } from './event';
import { halve } from './groupIntoBatches';
import { emit } from './on';
import { serialize } from './toBatch';

export interface Beaconed {
  _sent: WireBatch[];
  _left: WireBatch[];
}

export function beacon(endpoint: string, batch: WireBatch): Beaconed {
  if (send(endpoint, serialize(batch))) {
    emit('sent', { batch, by: 'beacon' });
    return { _sent: [batch], _left: [] };
  }
  if (batch.e.length < 2) return { _sent: [], _left: [batch] };
  const [first, second] = halve(batch) as [WireBatch, WireBatch];
  const one = beacon(endpoint, first);
  // Not even the first half went: the quota is gone, the second half would ask in vain.
  const two = one._left.length ? { _sent: [], _left: [second] } : beacon(endpoint, second);
  return { _sent: [...one._sent, ...two._sent], _left: [...one._left, ...two._left] };
}

/** A page that put something else in its place must not cost us what waits. */
function send(endpoint: string, body: string): boolean {
  try {
    return navigator.sendBeacon(endpoint, body);
  } catch {
    return false;
  }
}
