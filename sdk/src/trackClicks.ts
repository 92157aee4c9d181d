/** A selector in; calls `clicked` with the tracked link of each click of a person, with any button or key that follows it. */
import { listen } from './listen';

const MIDDLE = 1;

export function trackClicks(selector: string, clicked: (link: Element) => void): void {
  const hear = (event: MouseEvent): void => {
    const followed = event.type === 'click' || event.button === MIDDLE;
    // The path leads out of open shadow trees; a click's target does not lead into them.
    const link = event.isTrusted && followed && event.composedPath().find((each) => each instanceof Element && each.matches(selector));
    if (link) clicked(link as Element);
  };
  listen(window, 'click', hear, true);
  listen(window, 'auxclick', hear, true);
}
