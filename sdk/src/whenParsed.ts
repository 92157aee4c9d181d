/** A start in; runs it once the whole document is there: before that, a widget has no size. */
import { guard } from './guard';

export function whenParsed(start: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', guard(start));
  else start();
}
