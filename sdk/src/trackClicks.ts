/** A selector in; calls `clicked` with the tracked link of each click of a person, with any button that follows it. */
import { guard } from './guard';

const MIDDLE = 1;

export function trackClicks(selector: string, clicked: (link: Element) => void): void {
  const hear = guard((event: MouseEvent) => {
    const followed = event.type === 'click' || event.button === MIDDLE;
    const link = event.isTrusted && followed && (event.target as Element).closest?.(selector);
    if (link) clicked(link);
  });
  addEventListener('click', hear, true);
  addEventListener('auxclick', hear, true);
}
