/** Batches in; each is posted until the collector has it, refuses it for good or stays silent; the last ones as beacons. */
import { beacon } from './beacon';
import type { WireBatch } from './event';
import { guard } from './guard';
import { emit } from './on';
import { post, type Verdict } from './post';

const WAIT_MS = 1000;
const WAIT_MS_MAX = 60_000;
/** An endpoint that never answers is blocked, not busy. */
const SILENCES_MAX = 3;
const BATCHES_MAX = 50;

export interface Delivery {
  _add(batches: WireBatch[]): void;
  /** Now or never: hands these, and everything that waits, to the browser. */
  _leave(batches: WireBatch[]): void;
}

export function deliver(endpoint: string): Delivery {
  let outbox: WireBatch[] = [];
  const inFlight = new Set<WireBatch>();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** One at a time, in order; none while the collector asked to wait. */
  function pump(): void {
    if (outbox[0] && !inFlight.size && !timer) attempt(outbox[0]);
  }

  function attempt(batch: WireBatch): void {
    inFlight.add(batch);
    void post(endpoint, batch).then(guard((verdict: Verdict) => settle(batch, verdict)));
  }

  function settle(batch: WireBatch, { _status, _waitMs }: Verdict): void {
    inFlight.delete(batch);
    if (mayRetry(_status, ++failures)) {
      timer ??= setTimeout(guard(retry), _waitMs + jitter(Math.min(WAIT_MS * 2 ** (failures - 1), WAIT_MS_MAX)));
      return;
    }
    failures = 0;
    outbox = outbox.filter((each) => each !== batch);
    if (_status < 200 || _status > 299) emit('dropped', { batch, status: _status });
    pump();
  }

  function retry(): void {
    timer = undefined;
    pump();
  }

  return {
    _add(batches) {
      outbox.push(...batches);
      while (outbox.length > BATCHES_MAX) emit('dropped', { batch: outbox.splice(inFlight.size, 1)[0]!, status: 0 });
      pump();
    },
    _leave(batches) {
      clearTimeout(timer);
      timer = undefined;
      outbox = [...outbox, ...batches].flatMap((batch) => (inFlight.has(batch) ? [batch] : beacon(endpoint, batch)));
      for (const batch of outbox) if (!inFlight.has(batch)) attempt(batch);
    },
  };
}

function mayRetry(status: number, failures: number): boolean {
  return status ? status >= 500 || [408, 425, 429].includes(status) : failures < SILENCES_MAX;
}

/** Half to all of it, so that browsers that failed together do not come back together. */
function jitter(ms: number): number {
  return (ms * (1 + Math.random())) / 2;
}
