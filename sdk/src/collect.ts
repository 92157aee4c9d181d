/** Numbered events in, one by one; batches out when 20 are there, 2 s after the last or 5 s after the first. */
import type { WireBatch } from './event';
import { guard } from './guard';
import { type Item, groupIntoBatches } from './groupIntoBatches';

const EVENTS = 20;
const AFTER_LAST_MS = 2000;
const AFTER_FIRST_MS = 5000;

export interface Collection {
  _add(item: Item): void;
  _flush(): void;
}

export function collect(site: string, full: (batches: WireBatch[]) => void): Collection {
  let items: Item[] = [];
  let firstAt = 0;
  let timer: ReturnType<typeof setTimeout>;
  const flush = (): void => {
    clearTimeout(timer);
    const taken = items;
    items = [];
    full(groupIntoBatches(taken, site));
  };
  return {
    _flush: flush,
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
