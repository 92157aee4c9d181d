/** Handlers in; calls them when the page is left, seen (again) or restored. */
import { listen } from './listen';

export interface PageHandlers {
  /** Hidden, frozen or going away (`gone`); it may be the last moment. `time` is on the clock of performance.now(); `kept`: for the way back. */
  _left(time: number, gone: boolean, kept: boolean): void;
  _seenAgain(): void;
  /** Back from the back/forward cache: a new page view. */
  _restored(): void;
}

export function followPage(handlers: PageHandlers): void {
  let gone = false;
  const leave = ({ timeStamp, type, persisted }: Event & { persisted?: boolean }): void => {
    // After `pagehide`, browsers say again that it is hidden.
    if (gone) return;
    gone = type === 'pagehide';
    handlers._left(timeStamp, gone, !!persisted);
  };
  const look = (): void => {
    if (!isHidden()) handlers._seenAgain();
  };
  listen(document, 'visibilitychange', (event) => (isHidden() ? leave(event) : handlers._seenAgain()));
  listen(document, 'freeze', leave);
  listen(document, 'resume', look);
  listen(window, 'pagehide', leave);
  listen(window, 'pageshow', (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    gone = false;
    handlers._restored();
    look();
  });
  look();
}

export function isHidden(): boolean {
  return document.hidden;
}
