/** Numbered events in, one by one; batches out when 20 are there, 2 s after the last or 5 s after the first. */
import type { WireBatch } from './event';
import { guard } from './guard';
import { type Item, groupIntoBatches } from './groupIntoBatches';

const EVENTS = 20;
const AFTER_LAST_MS = 2000;
const AFTER_FIRST_MS = 5000;

export interface Collection {
  _add(item: Item): void;
  /** What waits here, as batches; it waits no longer. */
  _take(): WireBatch[];
}

export function collect(site: string, full: (batches: WireBatch[]) => void): Collection {
  let items: Item[] = [];
  let firstAt = 0;
  let timer: ReturnType<typeof setTimeout>;
  const take = (): WireBatch[] => {
    clearTimeout(timer);
    const taken = items;
    items = [];
    return groupIntoBatches(taken, site);
  };
  const flush = (): void => full(take());
  return {
    _take: take,
    _add(item) {
      const now = performance.now();
      if (!items.length) firstAt = now;
      items.push(item);
      clearTimeout(timer);
      if (items.length >= EVENTS) flush();
      else timer = setTimeout(guard(flush), Math.min(AFTER_LAST_MS, firstAt + AFTER_FIRST_MS - now));
    },
  };
}
