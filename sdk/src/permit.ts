/** An SDK's start in; the same start out, at most once, and never for a reader who sends Global Privacy Control. */
import { guard } from './guard';

export function permit<O>(start: (options: O) => void): (options: O) => void {
  let started = false;
  return guard((options) => {
    if (started || (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) return;
    start(options);
    started = true;
  });
}
