/** Handlers in; calls them when the page is left, seen (again) or restored. */
import { guard } from './guard';

export interface PageHandlers {
  /** Hidden or going away; it may be the last moment. `time` is on the clock of performance.now(). */
  _left(time: number): void;
  _seenAgain(): void;
  /** Back from the back/forward cache: a new page view. */
  _restored(): void;
}

export function followPage(handlers: PageHandlers): void {
  const leave = (event: Event): void => handlers._left(event.timeStamp);
  document.addEventListener(
    'visibilitychange',
    guard((event: Event) => (isHidden() ? leave(event) : handlers._seenAgain())),
  );
  addEventListener('pagehide', guard(leave));
  addEventListener('pageshow', guard((event: PageTransitionEvent) => event.persisted && handlers._restored()));
  if (!isHidden()) handlers._seenAgain();
}

export function isHidden(): boolean {
  return document.visibilityState === 'hidden';
}
