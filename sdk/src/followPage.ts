/** Handlers in; calls them when the page is left, seen (again) or restored. */
import { listen } from './listen';

export interface PageHandlers {
  /** Hidden, frozen or going away (`gone`); it may be the last moment. `time` is on the clock of performance.now(). */
  _left(time: number, gone: boolean): void;
  _seenAgain(): void;
  /** Back from the back/forward cache: a new page view. */
  _restored(): void;
}

export function followPage(handlers: PageHandlers): void {
  const leave = (event: Event): void => handlers._left(event.timeStamp, event.type === 'pagehide');
  const look = (): void => {
    if (!isHidden()) handlers._seenAgain();
  };
  listen(document, 'visibilitychange', (event) => (isHidden() ? leave(event) : handlers._seenAgain()));
  listen(document, 'freeze', leave);
  listen(document, 'resume', look);
  listen(window, 'pagehide', leave);
  listen(window, 'pageshow', (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    handlers._restored();
    look();
  });
  look();
}

export function isHidden(): boolean {
  return document.hidden;
}
