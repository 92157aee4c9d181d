/** Batches in; each is kept, also beyond the page, until the collector has it or refuses it for good. */
import { beacon } from './beacon';
import type { WireBatch } from './event';
import { guard } from './guard';
import { atStop, listen } from './listen';
import { emit } from './on';
import { CLOSED, type Kept, openStore } from './openStore';
import { post, type Verdict } from './post';
import { readVerdict } from './readVerdict';
import type { Settings } from './readSettings';

const WAIT_MS = 1000;
const WAIT_MS_MAX = 60_000;
/** An endpoint that never answers is blocked, not busy: it is asked again when there is another reason. */
const SILENCES_MAX = 3;
const ACCEPTED = 202;

export interface Delivery {
  _add(batches: WireBatch[]): void;
  /** Something that waits elsewhere changed: it is written down too. */
  _changed(): void;
  /** Now or never: hands these, and everything that waits, to the browser. `gone`: the page may not come back. */
  _leave(batches: WireBatch[], gone: boolean): void;
  /** Seen again, or online: what waits has another chance. */
  _wake(): void;
  /** Back from the back/forward cache, with what was left behind. */
  _reopen(): void;
}

/** @param waiting what is not handed over yet, but must not be lost in a crash */
export function deliver(settings: Settings, waiting: () => WireBatch[]): Delivery {
  const { endpoint, queueMs, queueChars, doubtMs } = settings;
  let store = openStore(settings);
  let outbox: Kept[] = [];
  const inFlight = new Set<Kept>();
  /** Handed over as beacons: likely to be there, and not asked for before the page is seen again. */
  const beaconed = new Set<Kept>();
  let failures = 0;
  let silences = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let toldToWait = false;
  let saving = false;

  function save(gone = false): void {
    saving = false;
    store._save([...outbox, ...waiting().map((batch): Kept => [batch, 0])], gone);
  }

  function changed(): void {
    if (saving) return;
    saving = true;
    queueMicrotask(guard(() => save()));
  }

  function forget(kept: Kept): void {
    outbox = outbox.filter((each) => each !== kept);
  }

  function drop(kept: Kept, status: number): void {
    forget(kept);
    emit('dropped', { batch: kept[0], status });
  }

  /** What is too old, or may have arrived so long ago that it would be counted twice, is given up; so is the oldest of too much. */
  function tidy(): void {
    const now = Date.now();
    let chars = 0;
    for (const kept of [...outbox].reverse()) {
      const [batch, doubtSince] = kept;
      const full = chars > queueChars;
      chars += JSON.stringify(batch).length;
      const old = (doubtSince && now - doubtSince > doubtMs) || now - batch.e[0]!.ts > queueMs;
      if ((old || full) && !inFlight.has(kept)) drop(kept, 0);
    }
    changed();
  }

  /** One at a time, in order; none while the collector asked to wait, none while there is no network. */
  function pump(): void {
    tidy();
    const next = outbox.find((kept) => !beaconed.has(kept));
    if (next && !inFlight.size && !timer && isOnline()) attempt(next);
  }

  function attempt(kept: Kept): void {
    const [batch, doubtSince] = kept;
    kept[1] ||= Date.now();
    inFlight.add(kept);
    void post(endpoint, batch).then(guard((verdict: Verdict) => settle(kept, doubtSince, verdict)));
  }

  function settle(kept: Kept, doubtSince: number, [status, body, waitMs]: Verdict): void {
    inFlight.delete(kept);
    if (mayRetry(status)) {
      silences = status ? 0 : silences + 1;
      // It said that it does not have it.
      if (status === 429 || status === 503) kept[1] = doubtSince;
      toldToWait = status > 0;
      const ms = waitMs + jitter(Math.min(WAIT_MS * 2 ** failures++, WAIT_MS_MAX));
      if (silences < SILENCES_MAX) timer ??= setTimeout(guard(retry), ms);
      changed();
      return;
    }
    failures = silences = 0;
    if (status === ACCEPTED) {
      forget(kept);
      readVerdict(kept[0], body);
    } else drop(kept, status);
    pump();
  }

  function retry(): void {
    timer = undefined;
    pump();
  }

  function add(kept: Kept[]): void {
    outbox.push(...kept);
    pump();
  }

  function halt(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function close(): void {
    halt();
    outbox = [];
    // A page that is kept for the way back may never be answered.
    inFlight.clear();
    store._release();
    store = CLOSED;
  }

  function hand(kept: Kept): Kept[] {
    // What is under way, or was handed over before, may be there already: it is asked for later.
    if (inFlight.has(kept) || kept[1]) return [kept];
    const parts = beacon(endpoint, kept[0]);
    for (const part of parts) {
      if (part[1]) beaconed.add(part);
      else attempt(part);
    }
    return parts;
  }

  const wake = (): void => {
    silences = 0;
    beaconed.clear();
    if (!toldToWait) halt();
    pump();
  };
  listen(window, 'online', wake);
  atStop(close);
  store._adopt(add);

  return {
    _add: (batches) => add(batches.map((batch): Kept => [batch, 0])),
    _changed: changed,
    _leave(batches, gone) {
      outbox.push(...batches.map((batch): Kept => [batch, 0]));
      const told = timer && toldToWait;
      if (!told && isOnline()) outbox = outbox.flatMap(hand);
      save(gone);
      if (gone) close();
    },
    _wake: wake,
    _reopen() {
      store = openStore(settings);
      store._adopt(add);
    },
  };
}

function mayRetry(status: number): boolean {
  return status < 300 ? status !== ACCEPTED : status >= 500 || [408, 425, 429].includes(status);
}

/** A browser that does not tell is taken to be. */
function isOnline(): boolean {
  return navigator.onLine !== false;
}

/** Half to all of it, so that browsers that failed together do not come back together. */
function jitter(ms: number): number {
  return (ms * (1 + Math.random())) / 2;
}
