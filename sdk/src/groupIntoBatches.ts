/** Numbered events in; batches out: one page view, one source and an unbroken sequence in each. */
import { EVENTS_MAX, type WireBatch, type WireEvent } from './event';
import type { View } from './openView';
import { serialize, toBatch } from './toBatch';

/** Collectors take 64 KiB, and a browser's beacons share as much. */
const BATCH_BYTES_MAX = 60_000;

export interface Item {
  _view: View;
  _source: string;
  _sequence: number;
  _event: WireEvent;
}

export function groupIntoBatches(items: Item[], site: string): WireBatch[] {
  const batches: (WireBatch & { e: WireEvent[] })[] = [];
  for (const { _view, _source, _sequence, _event } of items) {
    const batch = batches.find(
      ({ pv, so, n, e }) => pv === _view._id && so === _source && n + e.length === _sequence && e.length < EVENTS_MAX,
    );
    if (batch) batch.e.push(_event);
    else batches.push(toBatch(site, _view, _source, _sequence, [_event]));
  }
  return batches.flatMap(fit);
}

/** The two halves of a batch, with the numbers that their events had. */
export function halve(batch: WireBatch): WireBatch[] {
  const middle = batch.e.length >> 1;
  return [
    { ...batch, e: batch.e.slice(0, middle) },
    { ...batch, n: batch.n + middle, e: batch.e.slice(middle) },
  ];
}

function fit(batch: WireBatch): WireBatch[] {
  const tooBig = batch.e.length > 1 && new Blob([serialize(batch)]).size > BATCH_BYTES_MAX;
  return tooBig ? halve(batch).flatMap(fit) : [batch];
}
