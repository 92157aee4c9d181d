/** An accepted batch and the collector's answer in; tells of each event that was not taken. None of them is sent again. */
import type { WireBatch } from './event';
import { emit } from './on';

export function readVerdict(batch: WireBatch, body: string): void {
  const { rejected } = JSON.parse(body || '{}') as { rejected?: { index: number; reason: string }[] };
  for (const { index, reason } of rejected ?? []) {
    emit('rejected', { batch, index, reason });
    console.warn('eyeshot:', reason, batch.e[index]);
  }
}
