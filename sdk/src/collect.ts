/** Numbered events in, one by one; batches out when enough are there, or after a while. */
import type { WireBatch } from './event';
import { guard } from './guard';
import { type Item, groupIntoBatches } from './groupIntoBatches';
import type { Settings } from './readSettings';

export interface Collection {
  _add(item: Item): void;
  /** What waits here, as batches. */
  _peek(): WireBatch[];
  /** The same; it waits no longer. */
  _take(): WireBatch[];
}

export function collect({ site, batchEvents, afterLastMs, afterFirstMs }: Settings, full: (batches: WireBatch[]) => void): Collection {
  let items: Item[] = [];
  let firstAt = 0;
  let timer: ReturnType<typeof setTimeout>;
  const peek = (): WireBatch[] => groupIntoBatches(items, site);
  const take = (): WireBatch[] => {
    clearTimeout(timer);
    const taken = peek();
    items = [];
    return taken;
  };
  const flush = (): void => full(take());
  return {
    _peek: peek,
    _take: take,
    _add(item) {
      const now = performance.now();
      if (!items.length) firstAt = now;
      items.push(item);
      clearTimeout(timer);
      if (items.length >= batchEvents) flush();
      else timer = setTimeout(guard(flush), Math.min(afterLastMs, firstAt + afterFirstMs - now));
    },
  };
}
