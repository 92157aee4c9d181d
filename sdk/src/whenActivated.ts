/** A start in; runs it at once, or when a prerendered page is activated: until then nobody sees it. */
import { listen } from './listen';

export function whenActivated(start: () => void): void {
  if ((document as { prerendering?: boolean }).prerendering) listen(document, 'prerenderingchange', start);
  else start();
}
