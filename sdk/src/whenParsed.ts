/** A start in; runs it once the whole document is there: before that, a widget has no size. */
import { listen } from './listen';

export function whenParsed(start: () => void): void {
  if (document.readyState === 'loading') listen(document, 'DOMContentLoaded', start);
  else start();
}
