/** Settings in; this tab's place in localStorage out, where what was not accepted yet outlives the page. */
import { createId } from './createId';
import type { WireBatch } from './event';
import { findStorage, prefixOf } from './forget';
import { guard } from './guard';
import type { Settings } from './readSettings';

/** A batch, and since when (epoch ms) it may have arrived without our knowing; 0: it did not. */
export type Kept = [batch: WireBatch, doubtSince: number];

export interface Store {
  /** `gone`: nobody is here any more to send it. */
  _save(kept: Kept[], gone: boolean): void;
  /** Gives what tabs that are gone have left. */
  _adopt(take: (kept: Kept[]) => void): void;
  /** Leaves ours to whoever comes next. */
  _release(): void;
}

/** Nothing is written down any more. */
export const CLOSED: Store = { _save() {}, _adopt() {}, _release() {} };

/** Without Web Locks a place is taken for abandoned when it was not left in good order, and nothing was written there for so long. */
const ABANDONED_MS = 600_000;

export function openStore({ site, queueChars }: Settings): Store {
  const prefix = prefixOf(site);
  const own = prefix + createId();
  const storage = findStorage();
  if (!storage) return CLOSED;
  // Firefox keeps no page that holds a lock for the way back, and to let go on `pagehide` is too late.
  const locks = isSecureContext && !('mozInnerScreenX' in window) ? navigator.locks : undefined;
  let release: (() => void) | undefined;

  /** A crash lets go of it too. */
  function hold(): void {
    if (release) return;
    const released = new Promise<void>((done) => (release = done));
    locks?.request(own, () => released).catch(() => {});
  }

  function letGo(): void {
    release?.();
    release = undefined;
  }

  function move(key: string, take: (kept: Kept[]) => void, age: number): void {
    let left: Kept[] = [];
    try {
      const { t, q } = JSON.parse(storage!.getItem(key)!) as { t: number; q: Kept[] };
      if (Date.now() - t < age) return;
      left = q.filter((each) => each?.[0]?.e?.[0]);
    } catch {
      // Nothing that we wrote.
    }
    take(left);
    storage!.removeItem(key);
  }

  function save(kept: Kept[], gone: boolean): void {
    const text = JSON.stringify({ t: gone ? 0 : Date.now(), q: kept });
    if (kept.length && text.length > queueChars) return save(kept.slice(1), gone);
    if (kept.length) {
      hold();
      storage!.setItem(own, text);
    } else {
      letGo();
      storage!.removeItem(own);
    }
  }

  return {
    _save(kept, gone) {
      try {
        save(kept, gone);
      } catch {
        // Full: what is in memory goes on, and what was written before is no longer true.
        storage.removeItem(own);
      }
    },
    _adopt(take) {
      for (const key of Object.keys(storage)) {
        if (!key.startsWith(prefix) || key === own) continue;
        if (!locks) move(key, take, ABANDONED_MS);
        else void locks.request(key, { ifAvailable: true }, guard((lock: Lock | null) => lock && move(key, take, 0))).catch(() => {});
      }
    },
    _release: letGo,
  };
}
