/** A start in; runs it at once, or when a prerendered page is activated: until then nobody sees it. */
import { guard } from './guard';

export function whenActivated(start: () => void): void {
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', guard(start), { once: true });
  } else start();
}
