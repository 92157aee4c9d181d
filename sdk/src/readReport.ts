/** A message from a widget in; the report it holds out, or nothing when it is not one, is too long or breaks a bound. */
import { isEvent } from './isEvent';
import type { Report } from './frameProtocol';

const SEQUENCE_MAX = 10_000;
const CHARS_MAX = 8192;

export function readReport(message: unknown): Report | undefined {
  const { page_view_id, sequence, event } = (message ?? {}) as Partial<Report>;
  const valid =
    typeof page_view_id === 'string' &&
    Number.isInteger(sequence) &&
    sequence! >= 0 &&
    sequence! < SEQUENCE_MAX &&
    isEvent(event) &&
    JSON.stringify(event).length < CHARS_MAX;
  return valid ? { page_view_id, sequence: sequence!, event: { ...event, pl: 'widget' } } : undefined;
}
