/** A batch in; the collector's verdict out: its status (0: no answer), its body and how long it asks to wait. Never rejects. */
import type { WireBatch } from './event';

import { emit } from './on';
import { serialize } from './toBatch';

const TIMEOUT_MS = 30_000;
const RETRY_AFTER_S_MAX = 300;

export type Verdict = [status: number, body: string, waitMs: number];

export async function post(endpoint: string, batch: WireBatch): Promise<Verdict> {
  emit('sent', { batch, by: 'fetch' });
  let status = 0;
  let body = '';
  let seconds = 0;
  try {
    // A string goes as text/plain, which needs no preflight; keepalive lets it survive the page.
    const response = await fetch(endpoint, {
      method: 'POST',
      body: serialize(batch),
      keepalive: true,
      credentials: 'omit',
      signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null,
    });
    // Read to the end, or the browser holds the connection.
    body = await response.text();
    status = response.status;
    seconds = Number(response.headers.get('retry-after')) || 0;
  } catch {
    // No answer, or half of one: the batch may have arrived, and is sent again under the same numbers.
  }
  emit('answered', { batch, status, body });
  return [status, body, Math.min(seconds, RETRY_AFTER_S_MAX) * 1000];
}
