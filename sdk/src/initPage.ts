/** The page's SDK: one queue for the page's own events and for those of its widgets. */
import { followPage } from './followPage';
import { followRoute } from './followRoute';
import { loadPart } from './loadPart';
import { openView } from './openView';
import type { Settings } from './readSettings';
import { reportEvents } from './reportEvents';
import { track } from './track';
import { whenActivated } from './whenActivated';

export function initPage(settings: Settings): void {
  whenActivated(() => {
    let page = location.href;
    let announce = (): void => {};
    const reporter = reportEvents(settings, 'page', openView(page, document.referrer));
    const renew = (referrer: string): void => {
      page = location.href;
      reporter._renew(openView(page, referrer));
      announce();
      tracking._restart();
    };
    const look = followRoute(() => {
      tracking._pause(performance.now());
      renew(page);
    });
    const tracking = track(settings, reporter._record, look);
    if (settings._origins.length) {
      loadPart('frames', (acceptWidgets) => {
        announce = acceptWidgets(settings._origins, reporter._viewId, reporter._add);
      });
    }
    followPage({
      _left(time, gone) {
        tracking._pause(time);
        reporter._leave(gone);
      },
      _seenAgain() {
        tracking._resume();
        reporter._wake();
      },
      _restored() {
        reporter._reopen();
        renew(document.referrer);
      },
    });
  });
}
